#include "protocol/client_writer.h"

#include "protocol/json_writer.h"

namespace spillway::protocol {

void append_register(std::string& out, std::string_view chat_id,
                     const std::optional<Position>& since, std::optional<std::uint32_t> history) {
  out += R"({"type":"register","payload":{"chatId":)";
  append_json_string(out, chat_id);
  if (since) {
    out += R"(,"since":{"epoch":)";
    append_json_string(out, since->epoch);
    out += R"(,"seq":)";
    append_number(out, since->seq);
    out += '}';
  }
  if (history) {
    out += R"(,"history":)";
    append_number(out, std::uint64_t{*history});
  }
  out += "}}";
}

void append_chat_request(std::string& out, std::string_view message, std::string_view id,
                         std::string_view data) {
  out += R"({"type":"chat","payload":{"message":)";
  append_json_string(out, message);
  if (!id.empty()) {
    out += R"(,"id":)";
    append_json_string(out, id);
  }
  if (!data.empty()) {
    out += R"(,"data":)";
    out += data;
  }
  out += "}}";
}

}  // namespace spillway::protocol
