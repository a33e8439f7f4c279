#include "websocket/header_list.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace spillway::websocket {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_token_char(char c) {
  if ((c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Reads a header's value from the left.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) { skip_space(); }

  bool at_end() const { return rest_.empty(); }

  // Takes `c` and the white space behind it, if it is next.
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    skip_space();
    return true;
  }

  // A token and the white space behind it; empty if there is none.
  std::string token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
    std::string token(rest_.begin(), end);
    rest_.remove_prefix(token.size());
    skip_space();
    return token;
  }

  // A token within quotes, with the white space behind it; empty if there is none.
  std::string quoted_token() {
    rest_.remove_prefix(1);
    std::string token;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty() || !is_token_char(rest_.front())) return {};
      token.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    return take('"') ? token : std::string();
  }

  bool at_quote() const { return !rest_.empty() && rest_.front() == '"'; }

 private:
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  std::string_view rest_;
};

std::optional<Extension> parse_extension(Cursor& cursor) {
  Extension extension{cursor.token(), {}};
  if (extension.name.empty()) return std::nullopt;
  while (cursor.take(';')) {
    Parameter parameter{cursor.token(), std::nullopt};
    if (parameter.name.empty()) return std::nullopt;
    if (cursor.take('=')) {
      parameter.value = cursor.at_quote() ? cursor.quoted_token() : cursor.token();
      if (parameter.value->empty()) return std::nullopt;
    }
    extension.parameters.push_back(std::move(parameter));
  }
  return extension;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool list_has(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::string_view element = list.substr(0, list.find(','));
    list.remove_prefix(std::min(element.size() + 1, list.size()));
    const std::size_t begin = std::min(element.find_first_not_of(" \t"), element.size());
    const std::size_t end = element.find_last_not_of(" \t") + 1;  // npos + 1 is 0
    if (begin < end && equals_ignoring_case(element.substr(begin, end - begin), token)) return true;
  }
  return false;
}

std::optional<std::vector<std::string>> parse_tokens(std::string_view list) {
  std::vector<std::string> tokens;
  Cursor cursor(list);
  while (!cursor.at_end()) {
    if (cursor.take(',')) continue;
    tokens.push_back(cursor.token());
    if (tokens.back().empty() || !(cursor.at_end() || cursor.take(','))) return std::nullopt;
  }
  return tokens;
}

std::optional<std::vector<Extension>> parse_extensions(std::string_view list) {
  std::vector<Extension> extensions;
  Cursor cursor(list);
  while (!cursor.at_end()) {
    if (cursor.take(',')) continue;
    auto extension = parse_extension(cursor);
    if (!extension || !(cursor.at_end() || cursor.take(','))) return std::nullopt;
    extensions.push_back(std::move(*extension));
  }
  return extensions;
}

}  // namespace spillway::websocket
