// The client's half of the opening handshake (RFC 6455 section 4.1), for the terminal viewer and
// the load harness.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "websocket/accept_key.h"
#include "websocket/deflate.h"
#include "websocket/head_scanner.h"
#include "websocket/need_more.h"

namespace spillway::websocket {

struct ClientRequest {
  std::string host{};      // with the port where it is not the default one
  std::string path = "/";  // and query
  std::string key{};       // from random_key()
  std::vector<std::string> subprotocols{};
  bool offer_deflate = false;
  std::string origin{};  // empty: none
};

// The request's bytes. REQUIRES fields without control characters.
std::string client_request(const ClientRequest& request);

// The server agreed.
struct Upgraded {
  std::string subprotocol;  // empty: none
  std::optional<DeflateParams> deflate;
};

// Reads the answer to one request. Owned by its connection; its loop's thread. Keeps at most
// kHeadBytesMax bytes.
class ClientHandshake {
 public:
  using Outcome = std::variant<NeedMore, Upgraded, Error>;

  explicit ClientHandshake(ClientRequest request) : request_(std::move(request)) {}

  // `consumed`: how many of `bytes` belong to the answer; what follows is the first frames. An
  // Error says in a sentence why this is no WebSocket connection.
  [[nodiscard]] Outcome feed(std::span<const char> bytes, std::size_t& consumed);

 private:
  ClientRequest request_;
  HeadScanner scanner_;
};

}  // namespace spillway::websocket
