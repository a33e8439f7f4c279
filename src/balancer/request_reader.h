// Reads requests from bytes. Refuses whatever a proxy before us could understand otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "balancer/http_message.h"
#include "websocket/head_scanner.h"
#include "websocket/need_more.h"

namespace spillway::balancer {

// Owned by a connection. Bounded: a head of websocket::kHeadBytesMax with kHeadersMax lines, as on
// the chat server's port; a body of kBodyBytesMax, of which nothing is kept.
class RequestReader {
 public:
  static constexpr unsigned kHeadersMax = 100;
  static constexpr std::uint64_t kBodyBytesMax = 64 * 1024;

  using NeedMore = websocket::NeedMore;
  struct Complete {};  // request() is it; the next call begins another one
  struct Refused {     // answer and close; no more calls
    boost::beast::http::status status;
    std::string_view sentence;  // a literal
  };
  using Outcome = std::variant<NeedMore, Complete, Refused>;

  // `consumed`: how many of `bytes` belong to the request; all of them unless it is Complete.
  Outcome feed(std::string_view bytes, std::size_t& consumed);

  const Request& request() const { return request_; }

 private:
  websocket::HeadScanner scanner_;
  Request request_;  // its storage serves one request after the other
  bool in_body_ = false;
  std::uint64_t body_bytes_left_ = 0;
};

}  // namespace spillway::balancer
