// What a request asks and what it is answered, for the code between them.
#pragma once

#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace spillway::balancer {

// Of a request, all that an answer may depend on. A body is read and dropped: nothing is told in
// one.
struct Request {
  boost::beast::http::verb method = boost::beast::http::verb::unknown;
  std::string path;   // begins with a slash; as sent, percent-encoding and all
  std::string query;  // without the question mark
  std::string host;   // whom it was sent to, with the port; empty only in HTTP/1.0
  std::string origin;
  std::string authorization;
  // Of these a request may have several lines, which are one list together.
  std::string accept;
  std::string accept_encoding;
  std::string if_none_match;
  bool keep_alive = false;
};

struct Response {
  boost::beast::http::status status = boost::beast::http::status::ok;
  std::string_view content_type = "application/json";  // a literal; sent if there is a body
  std::string_view cache_control = "no-store";         // a literal
  std::string headers;                                 // further lines, each with its CRLF
  std::string body;
  std::shared_ptr<const std::string> shared_body;  // instead of `body`, for who has it already
  std::string_view literal_body;                   // likewise, for what lives as long as we do
};

std::string_view body_of(const Response& response);

// {"error":"…"}. REQUIRES: valid UTF-8.
Response error_response(boost::beast::http::status status, std::string_view sentence);

// The lines of a head up to and with the empty one, appended. HEAD gets the same.
void append_head(std::string& out, const Response& response, bool keep_alive);

// The same for a body that ends with the connection.
void append_stream_head(std::string& out, std::string_view content_type, std::string_view headers);

}  // namespace spillway::balancer
