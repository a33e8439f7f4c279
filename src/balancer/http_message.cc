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

std::string_view body_of(const Response& response) {
  if (response.shared_body) return *response.shared_body;
  return response.literal_body.empty() ? response.body : response.literal_body;
}

void append_head(std::string& out, const Response& response, bool keep_alive) {
  append_status_line(out, response.status);
  // RFC 9110 section 8.6: a 204 has no Content-Length, and of a 304 it would be another answer's.
  const bool has_content =
      response.status != http::status::no_content && response.status != http::status::not_modified;
  if (has_content) {
    out.append("Content-Type: ").append(response.content_type).append("\r\nContent-Length: ");
    protocol::append_number(out, static_cast<std::uint64_t>(body_of(response).size()));
    out += "\r\n";
  }
  if (response.status != http::status::no_content) {
    out.append("Cache-Control: ").append(response.cache_control).append("\r\n");
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
