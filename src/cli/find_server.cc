#include "cli/find_server.h"

#include <fmt/core.h>

#include <utility>

#include "cli/http_get.h"
#include "protocol/json_reader.h"

namespace spillway::cli {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 * 1024;

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

// {"id":…,"url":…} or {"error":…}.
Result<std::string> parse_answer(const HttpAnswer& answer) {
  protocol::JsonReader reader(kAnswerBytesMax);
  const auto json = reader.parse(answer.body);
  if (json && json->is_object()) {
    simdjson::dom::element value;
    if (answer.status == 200 && json->at_key("url").get(value) == simdjson::SUCCESS) {
      const std::string url(protocol::string_of(value).value_or(""));
      if (parse_address(url, {"ws", "wss"})) return url;
    }
    if (answer.status != 200 && json->at_key("error").get(value) == simdjson::SUCCESS) {
      return Error{std::string(protocol::string_of(value).value_or("it refused"))};
    }
  }
  return Error{fmt::format("its answer makes no sense (HTTP {})", answer.status)};
}

}  // namespace

void find_server(boost::asio::io_context& io, const Address& balancer, const std::string& room,
                 std::function<void(const Result<std::string>&)> on_found) {
  HttpGet request;
  request.address = balancer;
  request.path = path_below(balancer, "/servers/provision?room=" + percent_encoded(room));
  request.body_bytes_max = kAnswerBytesMax;
  http_get(io, std::move(request),
           [balancer, on_found = std::move(on_found)](const Result<HttpAnswer>& answer) {
             const auto found =
                 answer ? parse_answer(*answer) : Result<std::string>(answer.error());
             if (found) return on_found(found);
             on_found(Error{fmt::format("no server from {}://{} ({})", balancer.scheme,
                                        balancer.authority(), found.error().message)});
           });
}

}  // namespace spillway::cli
