// Bytes from a stranger into a MessageReader: never a crash, never more than the limit, and what
// is read must not depend on how the network cut it.
#include <cstdint>

#include "base/check.h"
#include "websocket/close_code.h"
#include "websocket/testing/recorded_events.h"
#include "websocket/utf8_stream.h"

namespace {

using namespace spillway::websocket;           // NOLINT(google-build-using-namespace)
using namespace spillway::websocket::testing;  // NOLINT(google-build-using-namespace)

// The first byte of the input: which reader to feed.
struct Choice {
  ReaderOptions options;
  bool takeover;
};

Choice choose(std::uint8_t byte) {
  return {.options = {.role = (byte & 1U) != 0 ? ReaderOptions::Role::kClient
                                               : ReaderOptions::Role::kServer,
                      .deflate = (byte & 2U) != 0,
                      .message_bytes_max = (byte & 8U) != 0 ? 100U : 4096U,
                      .allow_binary = (byte & 16U) == 0},
          .takeover = (byte & 4U) != 0};
}

std::vector<Recorded> read(const Choice& choice, const Pieces& pieces) {
  MessageReader reader(choice.options);
  Inflater inflater(15, choice.takeover);
  return read_pieces(reader, pieces, &inflater);
}

void check_event(const Recorded& event, const ReaderOptions& options) {
  switch (event.kind) {
    case Recorded::Kind::kMessage:
      CHECK(event.text.size() <= options.message_bytes_max);
      CHECK(event.number == 1 || (event.number == 2 && options.allow_binary));
      CHECK(event.number == 2 || is_utf8(event.text));
      return;
    case Recorded::Kind::kPing:
    case Recorded::Kind::kPong:
      CHECK(event.text.size() <= kControlBytesMax);
      return;
    case Recorded::Kind::kClose:
      CHECK(event.number == kNoStatus || may_be_sent(static_cast<std::uint16_t>(event.number)));
      CHECK(event.text.size() <= kControlBytesMax - 2 && is_utf8(event.text));
      return;
    case Recorded::Kind::kFailure:
      CHECK(may_be_sent(static_cast<std::uint16_t>(event.number)));
      return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Choice choice = choose(data[0]);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<Recorded> events = read(choice, {std::string(bytes)});
  for (std::size_t i = 0; i < events.size(); ++i) {
    check_event(events[i], choice.options);
    const bool last = i + 1 == events.size();
    CHECK(last || events[i].kind < Recorded::Kind::kClose);
  }
  CHECK(read(choice, single_bytes(bytes)) == events);
  CHECK(read(choice, random_pieces(bytes, size)) == events);
  return 0;
}
