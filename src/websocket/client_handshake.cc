#include "websocket/client_handshake.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <string_view>

#include "base/check.h"
#include "websocket/deflate_offer.h"
#include "websocket/header_list.h"
#include "websocket/http_response.h"

namespace spillway::websocket {

namespace {

namespace http = boost::beast::http;
using Answer = http::response<http::empty_body>;

void append_header(std::string& out, std::string_view name, std::string_view value) {
  CHECK(std::none_of(value.begin(), value.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string_view field_of(const Answer& fields, http::field name) {
  const auto value = fields[name];
  return {value.data(), value.size()};
}

// RFC 6455 section 4.1, what the client must validate.
ClientHandshake::Outcome judge(const Answer& fields, const ClientRequest& request) {
  if (fields.result_int() != 101) {
    const int status = static_cast<int>(fields.result_int());
    return Error{fmt::format("the server answered {} {} instead of speaking WebSocket", status,
                             reason_phrase(status))};
  }
  if (!list_has(field_of(fields, http::field::upgrade), "websocket") ||
      !list_has(field_of(fields, http::field::connection), "upgrade")) {
    return Error{"the server switched to something that is not WebSocket"};
  }
  if (fields.count(http::field::sec_websocket_accept) != 1 ||
      field_of(fields, http::field::sec_websocket_accept) != accept_value(request.key)) {
    return Error{"the server's answer does not belong to this request; is a cache in between?"};
  }
  const std::string subprotocol(field_of(fields, http::field::sec_websocket_protocol));
  const bool offered = std::find(request.subprotocols.begin(), request.subprotocols.end(),
                                 subprotocol) != request.subprotocols.end();
  if (fields.count(http::field::sec_websocket_protocol) > 1 || (!subprotocol.empty() && !offered)) {
    return Error{"the server chose a subprotocol that was not offered to it"};
  }
  if (fields.count(http::field::sec_websocket_extensions) > 1) {
    return Error{"the server agreed to more than one extension"};
  }
  const auto deflate = parse_response(field_of(fields, http::field::sec_websocket_extensions));
  if (!deflate) return deflate.error();
  if (*deflate && !request.offer_deflate) {
    return Error{"the server compresses though nothing was offered to it"};
  }
  return Upgraded{subprotocol, *deflate};
}

}  // namespace

std::string client_request(const ClientRequest& request) {
  std::string out;
  CHECK(request.path.starts_with('/'));
  CHECK(std::all_of(request.path.begin(), request.path.end(),
                    [](char c) { return c > ' ' && c < '\x7F'; }));
  out.append("GET ").append(request.path).append(" HTTP/1.1\r\n");
  append_header(out, "Host", request.host);
  append_header(out, "Upgrade", "websocket");
  append_header(out, "Connection", "Upgrade");
  append_header(out, "Sec-WebSocket-Key", request.key);
  append_header(out, "Sec-WebSocket-Version", "13");
  if (!request.origin.empty()) append_header(out, "Origin", request.origin);
  for (const std::string& subprotocol : request.subprotocols) {
    append_header(out, "Sec-WebSocket-Protocol", subprotocol);
  }
  if (request.offer_deflate) append_header(out, "Sec-WebSocket-Extensions", kClientOffer);
  return out.append("\r\n");
}

ClientHandshake::Outcome ClientHandshake::feed(std::span<const char> bytes, std::size_t& consumed) {
  const auto found = scanner_.feed({bytes.data(), bytes.size()}, consumed);
  if (std::holds_alternative<NeedMore>(found)) return NeedMore{};
  const auto* head = std::get_if<HeadScanner::Head>(&found);
  if (head == nullptr) return Error{"the server does not speak HTTP on this port"};
  http::response_parser<http::empty_body> parser;
  parser.header_limit(kHeadBytesMax + 1);
  parser.skip(true);  // the head is all there is
  boost::beast::error_code error;
  parser.put(boost::asio::buffer(head->text.data(), head->text.size()), error);
  if (error || !parser.is_header_done()) {
    return Error{"the server's answer is not well-formed HTTP: " + error.message()};
  }
  return judge(parser.get(), request_);
}

}  // namespace spillway::websocket
