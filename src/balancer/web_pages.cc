#include "balancer/web_pages.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "balancer/accept.h"
#include "websocket/header_list.h"

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view kAssets = "/assets/";
constexpr std::string_view kChat = "/chat/";
constexpr std::string_view kHtml = "text/html; charset=utf-8";

// A name with a hash in it never gets another content.
constexpr std::string_view kForEver = "public, max-age=31536000, immutable";
constexpr std::string_view kAskAgain = "no-cache";

// Nothing inline, nothing of anybody else; chat servers have addresses of their own.
constexpr std::string_view kPolicy =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self' ws: wss: http: https:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

// /plan is a page to a browser, and a call with parameters or to a program.
constexpr bool path_is_also_a_call(std::string_view path) { return path == "/plan"; }

// What `path` names among the files; empty: nothing, it is the API's.
std::string_view file_path(const Request& request) {
  const std::string_view path = request.path;
  if (path == "/") return "/home";
  if (path == "/monitor" || path.starts_with(kAssets)) return path;
  if (path.starts_with(kChat)) {
    const std::string_view room = path.substr(kChat.size());
    return room.empty() || room.find('/') != std::string_view::npos ? "" : "/chat";
  }
  if (!path_is_also_a_call(path)) return "";
  return request.query.empty() && prefers_html(request.accept) ? path : "";
}

Response redirect(std::string_view location) {
  Response response;
  response.status = http::status::found;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.append("Location: ").append(location).append("\r\n");
  return response;
}

// Relative, as the pages' own links: a proxy may have put something before our paths.
std::optional<Response> redirected(std::string_view path) {
  if (path == "/chat") return redirect("./");
  if (path == kChat) return redirect("../");
  return std::nullopt;
}

Response not_built() {
  Response response;
  response.status = http::status::not_found;
  response.content_type = kHtml;
  response.literal_body =
      "<!doctype html><html lang=\"en\"><title>Spillway</title>"
      "<h1>The web pages are not in this build</h1>"
      "<p>Run <code>npm ci &amp;&amp; npm run build:web</code> in the source folder, then build "
      "<code>spillway</code> again; <code>./dev build</code> does both.</p></html>\n";
  return response;
}

Response no_such_method() {
  Response response =
      error_response(http::status::method_not_allowed, "this path has other methods: see Allow");
  response.headers = "Allow: GET, HEAD\r\n";
  return response;
}

std::string_view body_of(const WebFile& file, Coding coding) {
  switch (coding) {
    case Coding::kIdentity:
      break;
    case Coding::kGzip:
      return file.gzip;
    case Coding::kBrotli:
      return file.brotli;
  }
  return file.plain;
}

// Each coding of a file is a representation of its own.
std::string entity_tag(const WebFile& file, Coding coding) {
  std::string tag = "\"";
  tag += file.hash;
  switch (coding) {
    case Coding::kIdentity:
      break;
    case Coding::kGzip:
      tag += "-gzip";
      break;
    case Coding::kBrotli:
      tag += "-br";
      break;
  }
  return tag += '"';
}

// If-None-Match, by the weak comparison (RFC 9110 section 13.1.2). Our tags have no comma in them.
bool is_known(const std::string& if_none_match, const std::string& tag) {
  return if_none_match == "*" || websocket::list_has(if_none_match, tag) ||
         websocket::list_has(if_none_match, "W/" + tag);
}

std::string page_headers(const WebFile& page, const WebOptions& options) {
  std::string headers(kPolicy);
  if (page.path == "/chat" && !options.frame_origin.empty()) {
    headers.append(" ").append(options.frame_origin);
  }
  headers += "\r\nReferrer-Policy: no-referrer\r\n";
  return headers;
}

Response answer_file(const Request& request, const WebFile& file, const WebOptions& options) {
  const bool is_page = !file.path.starts_with(kAssets);
  const Coding coding = choose_coding(request.accept_encoding);
  const std::string tag = entity_tag(file, coding);
  Response response;
  response.content_type = file.content_type;
  response.cache_control = is_page ? kAskAgain : kForEver;
  response.headers.append("ETag: ").append(tag);
  response.headers += "\r\nX-Content-Type-Options: nosniff\r\nVary: Accept-Encoding";
  if (path_is_also_a_call(file.path)) response.headers += ", Accept";
  response.headers += "\r\n";
  if (is_page) response.headers += page_headers(file, options);
  if (is_known(request.if_none_match, tag)) {
    response.status = http::status::not_modified;
    return response;
  }
  if (coding == Coding::kGzip) response.headers += "Content-Encoding: gzip\r\n";
  if (coding == Coding::kBrotli) response.headers += "Content-Encoding: br\r\n";
  response.literal_body = body_of(file, coding);
  return response;
}

}  // namespace

std::optional<Response> answer_page(const Request& request, const WebOptions& options) {
  if (auto elsewhere = redirected(request.path)) return elsewhere;
  const std::string_view path = file_path(request);
  if (path.empty()) return std::nullopt;
  const bool is_asset = path.starts_with(kAssets);
  const auto file = std::find_if(options.files.begin(), options.files.end(),
                                 [&](const WebFile& each) { return each.path == path; });
  if (file == options.files.end() && is_asset) return std::nullopt;  // its 404 is the API's
  if (request.method != http::verb::get && request.method != http::verb::head) {
    return no_such_method();
  }
  if (file == options.files.end()) return not_built();
  return answer_file(request, *file, options);
}

}  // namespace spillway::balancer
