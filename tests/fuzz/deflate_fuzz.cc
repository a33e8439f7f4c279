// Bytes from a stranger into an Inflater, and any message through a Deflater and back: never more
// than the limit, the same however the network cut it, and nothing changed on the way.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "websocket/deflate.h"
#include "websocket/deflate_offer.h"
#include "websocket/testing/pieces.h"

namespace {

using namespace spillway::websocket;           // NOLINT(google-build-using-namespace)
using namespace spillway::websocket::testing;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kBytesMax = 64 * 1024;

struct Read {
  Inflated how = Inflated::kOk;
  std::string text;
};

Read inflate(Inflater& inflater, const Pieces& pieces) {
  Read read;
  for (std::size_t i = 0; i < pieces.size() && read.how == Inflated::kOk; ++i) {
    read.how = inflater.inflate(pieces[i], i + 1 == pieces.size(), kBytesMax, read.text);
    CHECK(read.text.size() <= kBytesMax);
  }
  return read;
}

void check_garbage(int bits, std::string_view bytes) {
  // One whole message is all that an Inflater without takeover is promised.
  Inflater forgetful(bits, false);
  const Read whole = inflate(forgetful, {std::string(bytes)});
  for (const Pieces& pieces : {single_bytes(bytes), random_pieces(bytes, bytes.size())}) {
    if (pieces.empty()) continue;
    Inflater fresh(bits, true);
    const Read cut = inflate(fresh, pieces);
    // A distance past a smaller window shows only where those bytes are gone, which depends on the
    // cut. Within the whole window there is no such distance.
    if (bits < 15 && cut.how == Inflated::kCorrupt) continue;
    CHECK(cut.how == whole.how);
    CHECK(cut.how != Inflated::kOk || cut.text == whole.text);
  }
}

void check_round_trip(int bits, bool takeover, std::string_view bytes) {
  Deflater deflater(1, bits, takeover);
  Inflater inflater(bits, takeover);
  for (const std::string_view message : {bytes, bytes.substr(bytes.size() / 2), bytes}) {
    if (message.size() > kBytesMax) return;
    std::string compressed;
    deflater.deflate(message, compressed);
    const Read read = inflate(inflater, {compressed});
    CHECK(read.how == Inflated::kOk && read.text == message);
  }
}

// What was agreed on must be what the answer says.
void check_offer(std::string_view offer) {
  for (const bool force : {false, true}) {
    const auto agreed = negotiate(offer, {.enabled = true,
                                          .force_no_context_takeover = force,
                                          .decline_smaller_server_window = force});
    if (!agreed) continue;
    CHECK(agreed->server_max_window_bits >= 8 && agreed->server_max_window_bits <= 15);
    CHECK(agreed->client_max_window_bits >= 8 && agreed->client_max_window_bits <= 15);
    CHECK(!force || (agreed->server_no_context_takeover && agreed->client_no_context_takeover));
    CHECK(response_value(*agreed).starts_with("permessage-deflate"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const int bits = 9 + data[0] % 7;
  const bool takeover = (data[0] & 8U) != 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_garbage(bits, bytes);
  check_round_trip(bits, takeover, bytes);
  check_offer(bytes);
  return 0;
}
