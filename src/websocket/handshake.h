// The server's half of the opening handshake (RFC 6455 section 4.2), and the plain requests that
// come to the same port.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "websocket/accept_key.h"
#include "websocket/deflate.h"
#include "websocket/head_scanner.h"
#include "websocket/http_response.h"
#include "websocket/need_more.h"

namespace spillway::websocket {

// A valid request to speak WebSocket.
struct UpgradeRequest {
  std::string path;   // as sent, percent-encoding and all
  std::string query;  // without the question mark
  std::string host;
  std::string origin;                     // empty: none was sent
  std::vector<std::string> subprotocols;  // in the client's order of preference, no two the same
  std::string extensions;                 // all its headers, joined with ", "; for negotiate()
  std::string key;
};

// A plain GET or HEAD without a body.
struct HttpRequest {
  std::string method;
  std::string path;
  std::string query;
  std::string host;
  bool keep_alive = false;
};

// Answer with http_response(status, "text/plain", message, false, extra_headers) and close.
struct Refusal {
  int status = 400;
  std::string message;  // one sentence that names the mend
  std::string extra_headers;
};

// Reads one request. Owned by its connection until that is upgraded; its loop's thread. Keeps at
// most kHeadBytesMax bytes.
class HandshakeParser {
 public:
  using Outcome = std::variant<NeedMore, UpgradeRequest, HttpRequest, Refusal>;

  // `consumed`: how many of `bytes` belong to the request; what follows is the first frames (or the
  // next request). After a request, the next call begins another one. After a Refusal, no more
  // calls.
  [[nodiscard]] Outcome feed(std::span<const char> bytes, std::size_t& consumed);

 private:
  HeadScanner scanner_;
};

// The 101 answer. `subprotocol`: empty, or one of the request's.
std::string upgrade_response(const UpgradeRequest& request, std::string_view subprotocol,
                             const std::optional<DeflateParams>& deflate);

}  // namespace spillway::websocket
