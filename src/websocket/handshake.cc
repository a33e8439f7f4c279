#include "websocket/handshake.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <utility>

#include "websocket/deflate_offer.h"
#include "websocket/header_list.h"

namespace spillway::websocket {

namespace {

namespace http = boost::beast::http;
using Fields = http::request<http::empty_body>;

Refusal refuse(int status, std::string_view message, std::string_view extra_headers = {}) {
  return {status, std::string(message), std::string(extra_headers)};
}

Refusal malformed(std::string_view message) { return refuse(400, message); }

std::string_view view(boost::core::string_view text) { return {text.data(), text.size()}; }

std::string_view header(const Fields& fields, http::field name) { return view(fields[name]); }

// All lines of one header as one list.
std::string joined(const Fields& fields, http::field name) {
  std::string list;
  const auto [begin, end] = fields.equal_range(name);
  for (auto line = begin; line != end; ++line) {
    if (!list.empty()) list += ", ";
    list += view(line->value());
  }
  return list;
}

// What a request must satisfy whatever it wants. RFC 9112 sections 3.2 and 6: anything about which
// this server and a proxy before it could disagree is refused.
std::optional<Refusal> check_request(const Fields& fields) {
  if (fields.count(http::field::transfer_encoding) > 0) {
    return malformed("Send the request without Transfer-Encoding: it takes no body.");
  }
  if (fields.count(http::field::content_length) > 1 ||
      !(header(fields, http::field::content_length).empty() ||
        header(fields, http::field::content_length) == "0")) {
    return malformed("Send the request without a body.");
  }
  const std::size_t hosts = fields.count(http::field::host);
  if (hosts > 1 || (fields.version() == 11 && header(fields, http::field::host).empty())) {
    return malformed("Send exactly one Host header.");
  }
  if (fields.method() != http::verb::get && fields.method() != http::verb::head) {
    return refuse(405, "Use GET: nothing else is answered here.", "Allow: GET, HEAD\r\n");
  }
  return std::nullopt;
}

struct Target {
  std::string path;
  std::string query;
};

// `/path?query`, or the absolute form that proxies are sent.
std::optional<Target> parse_target(std::string_view target) {
  const bool printable = std::all_of(target.begin(), target.end(),
                                     [](char c) { return c > ' ' && c < '\x7F' && c != '#'; });
  if (!printable) return std::nullopt;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t authority_end = target.find_first_of("/?", scheme.size());
    if (authority_end == scheme.size()) return std::nullopt;
    target.remove_prefix(std::min(authority_end, target.size()));
    if (!target.starts_with('/')) return Target{"/", std::string(target.substr(!target.empty()))};
  }
  if (!target.starts_with('/')) return std::nullopt;
  const std::size_t mark = std::min(target.find('?'), target.size());
  return Target{std::string(target.substr(0, mark)),
                std::string(target.substr(std::min(mark + 1, target.size())))};
}

bool wants_upgrade(const Fields& fields) {
  return list_has(joined(fields, http::field::upgrade), "websocket") ||
         fields.count(http::field::sec_websocket_key) > 0;
}

// RFC 6455 section 4.2.1.
std::optional<Refusal> check_upgrade(const Fields& fields) {
  if (fields.method() != http::verb::get) {
    return refuse(405, "Use GET to upgrade to WebSocket.", "Allow: GET\r\n");
  }
  if (fields.version() != 11) return malformed("Use HTTP/1.1 to upgrade to WebSocket.");
  if (!list_has(joined(fields, http::field::upgrade), "websocket") ||
      !list_has(joined(fields, http::field::connection), "upgrade")) {
    return malformed(
        "Send both \"Upgrade: websocket\" and \"Connection: Upgrade\"; a proxy in between must "
        "pass them on.");
  }
  if (fields.count(http::field::sec_websocket_version) != 1 ||
      header(fields, http::field::sec_websocket_version) != "13") {
    return refuse(426, "Use WebSocket version 13.", "Sec-WebSocket-Version: 13\r\n");
  }
  if (fields.count(http::field::sec_websocket_key) != 1 ||
      !is_key(header(fields, http::field::sec_websocket_key))) {
    return malformed("Send one Sec-WebSocket-Key, the base64 of 16 random bytes.");
  }
  if (fields.count(http::field::origin) > 1) return malformed("Send at most one Origin header.");
  return std::nullopt;
}

// None if it is not a list of distinct tokens.
std::optional<std::vector<std::string>> parse_subprotocols(const Fields& fields) {
  auto tokens = parse_tokens(joined(fields, http::field::sec_websocket_protocol));
  if (!tokens) return std::nullopt;
  auto sorted = *tokens;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return std::nullopt;
  return tokens;
}

HandshakeParser::Outcome judge_upgrade(const Fields& fields, Target target) {
  if (auto refusal = check_upgrade(fields)) return std::move(*refusal);
  auto subprotocols = parse_subprotocols(fields);
  if (!subprotocols) {
    return malformed("Send Sec-WebSocket-Protocol as a list of different names.");
  }
  // Section 9.1: this fails the connection, while a well-formed offer that is no use is declined.
  std::string extensions = joined(fields, http::field::sec_websocket_extensions);
  if (!parse_extensions(extensions)) {
    return malformed("Send Sec-WebSocket-Extensions as a list of names with parameters.");
  }
  return UpgradeRequest{.path = std::move(target.path),
                        .query = std::move(target.query),
                        .host = std::string(header(fields, http::field::host)),
                        .origin = std::string(header(fields, http::field::origin)),
                        .subprotocols = std::move(*subprotocols),
                        .extensions = std::move(extensions),
                        .key = std::string(header(fields, http::field::sec_websocket_key))};
}

HandshakeParser::Outcome judge(std::string_view head) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(kHeadBytesMax + 1);
  parser.skip(true);  // the head is all there is
  boost::beast::error_code error;
  parser.put(boost::asio::buffer(head.data(), head.size()), error);
  if (error == http::error::bad_version) {
    return refuse(505, "Only HTTP/1.1 is spoken here: end the first line with HTTP/1.1.");
  }
  if (error || !parser.is_header_done()) {
    return malformed("The request is not well-formed HTTP/1.1: " + error.message() + ".");
  }
  const Fields& fields = parser.get();
  if (auto refusal = check_request(fields)) return std::move(*refusal);
  auto target = parse_target(view(fields.target()));
  if (!target) return malformed("Ask for a path that begins with a slash.");
  if (wants_upgrade(fields)) return judge_upgrade(fields, std::move(*target));
  return HttpRequest{.method = std::string(view(fields.method_string())),
                     .path = std::move(target->path),
                     .query = std::move(target->query),
                     .host = std::string(header(fields, http::field::host)),
                     .keep_alive = fields.keep_alive()};
}

}  // namespace

HandshakeParser::Outcome HandshakeParser::feed(std::span<const char> bytes, std::size_t& consumed) {
  const auto found = scanner_.feed({bytes.data(), bytes.size()}, consumed);
  if (std::holds_alternative<NeedMore>(found)) return NeedMore{};
  if (const auto* head = std::get_if<HeadScanner::Head>(&found)) return judge(head->text);
  if (*std::get_if<HeadScanner::Broken>(&found) == HeadScanner::Broken::kTooLarge) {
    return refuse(431, "Send a request head of at most 8 KiB: fewer cookies, a shorter path.");
  }
  return malformed("This port speaks plain HTTP/1.1: use ws:// or http://, and CRLF line ends.");
}

std::string upgrade_response(const UpgradeRequest& request, std::string_view subprotocol,
                             const std::optional<DeflateParams>& deflate) {
  std::string out =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  out += accept_value(request.key);
  if (!subprotocol.empty()) out.append("\r\nSec-WebSocket-Protocol: ").append(subprotocol);
  if (deflate) out.append("\r\nSec-WebSocket-Extensions: ").append(response_value(*deflate));
  return out.append("\r\n\r\n");
}

}  // namespace spillway::websocket
