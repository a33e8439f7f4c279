// Any bytes on a room's channel: a batch that is accepted has one form only.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "protocol/batch.h"
#include "protocol/message_line.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto batch = spillway::protocol::parse_batch(text);
  const auto* const view = std::get_if<spillway::protocol::BatchView>(&batch);
  if (view == nullptr) return 0;
  std::string again;
  spillway::protocol::append_batch_header(again, view->header);
  again += view->lines;
  CHECK(again == text);
  std::uint32_t count = 0;
  std::string chat;
  spillway::protocol::for_each_line(view->lines, [&](std::string_view line) {
    ++count;
    spillway::protocol::append_chat(chat, count, line);
    (void)spillway::protocol::line_timestamp(line);
  });
  CHECK(count == view->header.count);
  return 0;
}
