#include "balancer/accept.h"

#include <algorithm>
#include <optional>

#include "websocket/header_list.h"

namespace spillway::balancer {
namespace {

using websocket::equals_ignoring_case;

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find_last_not_of(" \t") + 1);  // npos + 1 is 0
}

// Up to the next `separator`, which is taken off `rest` as well.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::string_view piece = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
  return trimmed(piece);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A quality in thousandths; 0 for what is none, so that nobody gets what they may not have meant.
int quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  if (text.size() > 1 && text[1] != '.') return 0;
  int thousandths = (text[0] - '0') * 1000;
  int weight = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (!is_digit(digit)) return 0;
    thousandths += (digit - '0') * weight;
    weight /= 10;
  }
  return thousandths <= 1000 ? thousandths : 0;
}

// Of what stands behind an element's name: its q, or 1.
int quality_of(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = take_until(parameters, ';');
    const std::string_view name = take_until(value, '=');
    if (equals_ignoring_case(name, "q")) return quality(trimmed(value));
  }
  return 1000;
}

// The quality of the first element that is `name`.
std::optional<int> find_quality(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    std::string_view element = take_until(list, ',');
    if (equals_ignoring_case(take_until(element, ';'), name)) return quality_of(element);
  }
  return std::nullopt;
}

// Of a media type: what names it best counts (RFC 9110 section 12.5.1).
int media_quality(std::string_view accept, std::string_view type, std::string_view family) {
  for (const std::string_view name : {type, family, std::string_view("*/*")}) {
    if (const auto found = find_quality(accept, name)) return *found;
  }
  return 0;
}

}  // namespace

Coding choose_coding(std::string_view accept_encoding) {
  const int others = find_quality(accept_encoding, "*").value_or(0);
  const int brotli = find_quality(accept_encoding, "br").value_or(others);
  const int gzip = find_quality(accept_encoding, "gzip").value_or(others);
  // Acceptable unless it is refused, but not asked for either: behind whatever is.
  const int identity = find_quality(accept_encoding, "identity").value_or(0);
  if (brotli > 0 && brotli >= gzip && brotli >= identity) return Coding::kBrotli;
  if (gzip > 0 && gzip >= identity) return Coding::kGzip;
  return Coding::kIdentity;
}

bool prefers_html(std::string_view accept) {
  return media_quality(accept, "text/html", "text/*") >
         media_quality(accept, "application/json", "application/*");
}

}  // namespace spillway::balancer
