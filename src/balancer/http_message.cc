#include "balancer/http_message.h"

#include "protocol/json_writer.h"

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;

void append_status_line(std::string& out, http::status status) {
  const auto reason = http::obsolete_reason(status);
  out += "HTTP/1.1 ";
  protocol::append_number(out, static_cast<std::uint64_t>(status));
  out.append(" ").append(reason.data(), reason.size()).append("\r\n");
}

}  // namespace

Response error_response(http::status status, std::string_view sentence) {
  Response response;
  response.status = status;
  response.body = R"({"error":)";
  protocol::append_json_string(response.body, sentence);
  response.body += '}';
  return response;
}

void append_head(std::string& out, const Response& response, bool keep_alive) {
  append_status_line(out, response.status);
  // RFC 9110 section 8.6: a 204 has no Content-Length.
  if (response.status != http::status::no_content) {
    const std::string& body = response.shared_body ? *response.shared_body : response.body;
    out.append("Content-Type: ").append(response.content_type).append("\r\nContent-Length: ");
    protocol::append_number(out, static_cast<std::uint64_t>(body.size()));
    out += "\r\nCache-Control: no-store\r\n";
  }
  out += response.headers;
  out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
}

void append_stream_head(std::string& out, std::string_view content_type, std::string_view headers) {
  append_status_line(out, http::status::ok);
  out.append("Content-Type: ").append(content_type);
  out.append("\r\nCache-Control: no-store\r\n").append(headers).append("Connection: close\r\n\r\n");
}

}  // namespace spillway::balancer
