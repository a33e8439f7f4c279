// Any bytes a client may send: what is accepted fits on one line of a valid batch, and is read
// again as the same message.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "protocol/batch.h"
#include "protocol/client_message.h"
#include "protocol/client_writer.h"
#include "protocol/message_line.h"

namespace {

using spillway::protocol::Chat;
using spillway::protocol::ClientMessage;
using spillway::protocol::ClientMessageParser;
using spillway::protocol::MessageLimits;
using spillway::protocol::Register;

void check_chat(const Chat& chat) {
  static ClientMessageParser parser{MessageLimits{}};
  std::string text;
  spillway::protocol::append_chat_request(text, chat.message, chat.id, chat.data);
  const ClientMessage again = parser.parse(text);
  const Chat* const same = std::get_if<Chat>(&again);
  CHECK(same != nullptr);
  CHECK(same->message == chat.message && same->id == chat.id && same->data == chat.data);

  std::string batch;
  spillway::protocol::append_batch_header(batch, {"e", 1, 1, "s", 1});
  const std::size_t begin = batch.size();
  spillway::protocol::append_message_line(batch, chat.id, 7, chat.message, chat.data);
  CHECK(std::holds_alternative<spillway::protocol::BatchView>(
      spillway::protocol::parse_batch(batch)));
  CHECK(spillway::protocol::line_timestamp(std::string_view(batch).substr(begin)) == 7);
}

void check_register(const Register& message) {
  static ClientMessageParser parser{MessageLimits{}};
  std::string text;
  spillway::protocol::append_register(text, message.chat_id, message.since, message.history);
  const ClientMessage again = parser.parse(text);
  const Register* const same = std::get_if<Register>(&again);
  CHECK(same != nullptr);
  CHECK(same->chat_id == message.chat_id && same->since == message.since &&
        same->history == message.history);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static ClientMessageParser parser{MessageLimits{}};
  const ClientMessage message = parser.parse({reinterpret_cast<const char*>(bytes), size});
  if (const Chat* const chat = std::get_if<Chat>(&message)) check_chat(*chat);
  if (const Register* const read = std::get_if<Register>(&message)) check_register(*read);
  return 0;
}
