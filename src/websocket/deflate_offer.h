// Negotiation of permessage-deflate (RFC 7692 section 7.1) in Sec-WebSocket-Extensions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "websocket/deflate.h"

namespace spillway::websocket {

// What the server insists on.
struct DeflatePolicy {
  bool enabled = true;
  // Both sides forget after each message: a frame compressed once serves every viewer, and one
  // Inflater every connection.
  bool force_no_context_takeover = false;
  // A frame compressed once for all needs the whole window.
  bool decline_smaller_server_window = false;
};

// Server: takes the first acceptable offer out of all the request's extension headers, joined with
// ", ". Offers with unknown, repeated or ill-formed parameters are declined one by one; a value
// that is not a list of extensions at all declines everything.
std::optional<DeflateParams> negotiate(std::string_view header_values, const DeflatePolicy& policy);

// Server: the value of the answer's Sec-WebSocket-Extensions.
std::string response_value(const DeflateParams& params);

// Client: the offer that leaves every choice to the server.
inline constexpr std::string_view kClientOffer = "permessage-deflate; client_max_window_bits";

// Client: what the server answered to kClientOffer. Empty: no compression. An error means that
// the connection must be failed (section 5.1).
Result<std::optional<DeflateParams>> parse_response(std::string_view header_values);

}  // namespace spillway::websocket
