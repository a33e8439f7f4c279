#include "protocol/provision_answer.h"

#include <fmt/core.h>

#include "base/address.h"
#include "protocol/json_reader.h"

namespace spillway::protocol {

// {"id":…,"url":…} or {"error":…}.
Result<std::string> parse_provision_answer(unsigned http_status, std::string_view body) {
  JsonReader reader(kProvisionAnswerBytesMax);
  const auto json = reader.parse(body);
  if (json && json->is_object()) {
    const simdjson::dom::object members = json->get_object();
    const auto url = string_member(members, "url");
    if (http_status == 200 && url && parse_address(*url, {"ws", "wss"})) return std::string(*url);
    const auto error = string_member(members, "error");
    if (http_status != 200 && error) return Error{std::string(*error)};
  }
  return Error{fmt::format("its answer makes no sense (HTTP {})", http_status)};
}

}  // namespace spillway::protocol
