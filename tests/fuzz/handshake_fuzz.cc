// Bytes from a stranger into both halves of the opening handshake: the outcome and the bytes taken
// must not depend on the cuts, and what is accepted must be what was promised.
#include <cstdint>
#include <optional>

#include "base/check.h"
#include "websocket/client_handshake.h"
#include "websocket/deflate_offer.h"
#include "websocket/handshake.h"
#include "websocket/testing/pieces.h"

namespace {

using namespace spillway::websocket;           // NOLINT(google-build-using-namespace)
using namespace spillway::websocket::testing;  // NOLINT(google-build-using-namespace)

const ClientRequest kRequest{.host = "example.com",
                             .key = "dGhlIHNhbXBsZSBub25jZQ==",
                             .subprotocols = {"spillway.batch.v1"},
                             .offer_deflate = true};

template <typename Outcome>
struct Fed {
  Outcome outcome;
  std::size_t taken = 0;
};

template <typename Parser>
auto feed(Parser parser, const Pieces& pieces) {
  Fed<typename Parser::Outcome> fed;
  for (const std::string& piece : pieces) {
    std::size_t consumed = 0;
    fed.outcome = parser.feed(std::vector<char>(piece.begin(), piece.end()), consumed);
    fed.taken += consumed;
    CHECK(consumed <= piece.size());
    if (!std::holds_alternative<NeedMore>(fed.outcome)) break;
    CHECK(consumed == piece.size());
  }
  CHECK(fed.taken <= kHeadBytesMax);
  return fed;
}

// The outcome, having made sure that every cut leads there.
template <typename Parser>
auto feed_every_way(const Parser& parser, std::string_view bytes) {
  auto whole = feed(parser, {std::string(bytes)});
  for (const Pieces& pieces : {single_bytes(bytes), random_pieces(bytes, bytes.size())}) {
    const auto cut = feed(parser, pieces);
    CHECK(cut.outcome.index() == whole.outcome.index());
    CHECK(cut.taken == whole.taken);
  }
  return whole.outcome;
}

void check_path(const std::string& path) {
  CHECK(path.starts_with('/'));
  CHECK(path.find_first_of("?# \r\n") == std::string::npos);
}

void check(const UpgradeRequest& request) {
  check_path(request.path);
  CHECK(!request.host.empty() && is_key(request.key));
  const auto deflate = negotiate(request.extensions, DeflatePolicy{});
  ClientRequest client = kRequest;
  client.key = request.key;
  client.subprotocols = request.subprotocols;
  const std::string subprotocol =
      request.subprotocols.empty() ? std::string() : request.subprotocols.front();
  const std::string answer = upgrade_response(request, subprotocol, deflate);
  if (answer.size() > kHeadBytesMax) return;
  const auto outcome = feed(ClientHandshake(client), {answer}).outcome;
  const auto* upgraded = std::get_if<Upgraded>(&outcome);
  CHECK(upgraded != nullptr);
  CHECK(upgraded->subprotocol == subprotocol && upgraded->deflate == deflate);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto outcome = feed_every_way(HandshakeParser(), bytes);
  if (const auto* request = std::get_if<UpgradeRequest>(&outcome)) check(*request);
  if (const auto* request = std::get_if<HttpRequest>(&outcome)) check_path(request->path);
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
    CHECK(refusal->status >= 400 && refusal->message.ends_with('.'));
  }
  feed_every_way(ClientHandshake(kRequest), bytes);
  return 0;
}
