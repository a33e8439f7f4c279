// The few HTTP answers a chat server gives besides the upgrade.
#pragma once

#include <string>
#include <string_view>

namespace spillway::websocket {

// A whole HTTP/1.1 response with Content-Length. `extra_headers`: lines that each end in CRLF.
// 426 says what to upgrade to (RFC 9110 section 15.5.22), also among the options of Connection
// (section 7.8).
// For HEAD the caller sends only the part up to and with the empty line.
std::string http_response(int status, std::string_view content_type, std::string_view body,
                          bool keep_alive, std::string_view extra_headers = {});

// RFC 9110's words for the statuses this server gives; "Error" for any other.
std::string_view reason_phrase(int status);

}  // namespace spillway::websocket
