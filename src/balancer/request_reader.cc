#include "balancer/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>
#include <optional>
#include <string>

#include "websocket/header_list.h"

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;
using Refused = RequestReader::Refused;
using Text = boost::beast::string_view;
using Problem = boost::beast::error_code;

std::string_view view(Text text) { return {text.data(), text.size()}; }

Refused malformed(std::string_view sentence) { return {http::status::bad_request, sentence}; }

// Writes into a Request what Beast finds in a head, and keeps the rest for judging it. Unlike
// Beast's own parser it allocates nothing of its own for a request.
class HeadParser final : public http::basic_parser<true> {
 public:
  explicit HeadParser(Request& request) : request_(request) {
    header_limit(websocket::kHeadBytesMax + 1);  // the scanner has judged that
    body_limit(boost::none);                     // check_body() judges that
    skip(true);                                  // a head is all it is given
    request_.host.clear();
    request_.origin.clear();
    request_.authorization.clear();
    request_.accept.clear();
    request_.accept_encoding.clear();
    request_.if_none_match.clear();
  }

  std::string_view target;          // within the bytes it was given
  std::string_view content_length;  // likewise
  int version = 0;
  unsigned headers = 0;
  unsigned hosts = 0;
  unsigned origins = 0;
  unsigned authorizations = 0;
  unsigned content_lengths = 0;
  unsigned transfer_encodings = 0;

 private:
  void on_request_impl(http::verb method, Text /*method_str*/, Text sent_target, int sent_version,
                       Problem& /*problem*/) override {
    request_.method = method;
    target = view(sent_target);
    version = sent_version;
  }

  // RFC 9110 section 5.3: several lines of a list are one.
  static void append_to_list(std::string& list, Text value) {
    if (!list.empty()) list += ", ";
    list += view(value);
  }

  void on_field_impl(http::field name, Text /*name_string*/, Text value,
                     Problem& /*problem*/) override {
    ++headers;
    if (name == http::field::host) {
      ++hosts;
      request_.host = view(value);
    } else if (name == http::field::origin) {
      ++origins;
      request_.origin = view(value);
    } else if (name == http::field::authorization) {
      ++authorizations;
      request_.authorization = view(value);
    } else if (name == http::field::accept) {
      append_to_list(request_.accept, value);
    } else if (name == http::field::accept_encoding) {
      append_to_list(request_.accept_encoding, value);
    } else if (name == http::field::if_none_match) {
      append_to_list(request_.if_none_match, value);
    } else if (name == http::field::content_length) {
      ++content_lengths;
      content_length = view(value);
    } else if (name == http::field::transfer_encoding) {
      ++transfer_encodings;
    }
  }

  void on_response_impl(int, Text, int, Problem&) override {}
  void on_header_impl(Problem&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Problem&) override {}
  std::size_t on_body_impl(Text body, Problem&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, Text, Problem&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, Problem&) override {
    return body.size();
  }
  void on_finish_impl(Problem&) override {}

  Request& request_;
};

// RFC 9112 section 6: with more than one Content-Length, or a Transfer-Encoding, where a body ends
// is a matter of opinion.
std::optional<Refused> check_body(const HeadParser& head, std::uint64_t& body_bytes) {
  body_bytes = 0;
  if (head.transfer_encodings > 0) {
    return malformed("send a body with Content-Length instead of Transfer-Encoding, or none");
  }
  if (head.content_lengths == 0) return std::nullopt;
  const char* const end = head.content_length.data() + head.content_length.size();
  const auto [stop, problem] = std::from_chars(head.content_length.data(), end, body_bytes);
  if (head.content_lengths > 1 || problem != std::errc() || stop != end) {
    return malformed("send one Content-Length, a number");
  }
  if (body_bytes > RequestReader::kBodyBytesMax) {
    return Refused{http::status::payload_too_large, "send a body of at most 64 KiB"};
  }
  return std::nullopt;
}

std::optional<Refused> check_headers(const HeadParser& head, const Request& request) {
  if (head.headers > RequestReader::kHeadersMax) {
    return Refused{http::status::request_header_fields_too_large, "send at most 100 headers"};
  }
  if (head.hosts > 1 || (head.version == 11 && request.host.empty())) {
    return malformed("send exactly one Host header");
  }
  if (head.origins > 1 || head.authorizations > 1) {
    return malformed("send Origin and Authorization at most once");
  }
  return std::nullopt;
}

// `/path?query`, or the absolute form that proxies are sent; its host goes before the header then
// (RFC 9112 section 3.2.2).
bool read_target(std::string_view target, Request& request) {
  const bool printable = std::all_of(target.begin(), target.end(),
                                     [](char c) { return c > ' ' && c < '\x7F' && c != '#'; });
  if (!printable) return false;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!websocket::equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::string_view authority = target.substr(0, target.find_first_of("/?"));
    if (authority.empty()) return false;
    request.host = authority;
    target.remove_prefix(authority.size());
    if (!target.starts_with('/')) {
      request.path = "/";
      request.query = target.substr(target.empty() ? 0 : 1);
      return true;
    }
  }
  if (!target.starts_with('/')) return false;
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  request.query = target.substr(std::min(mark + 1, target.size()));
  return true;
}

// Whether it is the version that is wrong with a first line, and not its shape.
bool has_other_version(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\r'));
  return std::count(line.begin(), line.end(), ' ') == 2 &&
         line.substr(line.rfind(' ') + 1).starts_with("HTTP/");
}

std::optional<Refused> judge(std::string_view head, Request& request, std::uint64_t& body_bytes) {
  HeadParser parser(request);
  Problem problem;
  parser.put(boost::asio::buffer(head.data(), head.size()), problem);
  if (problem == http::error::bad_version && has_other_version(head)) {
    return Refused{http::status::http_version_not_supported, "only HTTP/1.1 is spoken here"};
  }
  if (problem || !parser.is_header_done()) {
    return malformed("the request is not well-formed HTTP/1.1");
  }
  if (auto refused = check_headers(parser, request)) return refused;
  if (auto refused = check_body(parser, body_bytes)) return refused;
  if (!read_target(parser.target, request)) {
    return malformed("ask for a path that begins with a slash");
  }
  request.keep_alive = parser.keep_alive();
  return std::nullopt;
}

}  // namespace

RequestReader::Outcome RequestReader::feed(std::string_view bytes, std::size_t& consumed) {
  consumed = 0;
  if (!in_body_) {
    using Scanner = websocket::HeadScanner;
    const Scanner::Found found = scanner_.feed(bytes, consumed);
    if (std::holds_alternative<NeedMore>(found)) return NeedMore{};
    if (const auto* broken = std::get_if<Scanner::Broken>(&found)) {
      request_.method = http::verb::unknown;  // not the one before's
      if (*broken == Scanner::Broken::kNotHttp) {
        return malformed("this port speaks plain HTTP/1.1, with CRLF line ends");
      }
      return Refused{http::status::request_header_fields_too_large,
                     "send a request head of at most 8 KiB"};
    }
    const auto refused =
        judge(std::get_if<Scanner::Head>(&found)->text, request_, body_bytes_left_);
    if (refused) return *refused;
    in_body_ = true;
  }
  const std::size_t body = std::min<std::uint64_t>(body_bytes_left_, bytes.size() - consumed);
  consumed += body;
  body_bytes_left_ -= body;
  if (body_bytes_left_ > 0) return NeedMore{};
  in_body_ = false;
  return Complete{};
}

}  // namespace spillway::balancer
