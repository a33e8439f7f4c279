#include "protocol/message_line.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"
#include "protocol/chat_prefix.h"
#include "protocol/json_writer.h"

namespace spillway::protocol {
namespace {

// Inside strings JSON has no raw line breaks, so each of these stands between two tokens.
char on_one_line(char c) { return c == '\n' || c == '\r' || c == '\t' ? ' ' : c; }

// The index just behind the JSON string that begins at `open`; npos where it does not end.
std::size_t end_of_string(std::string_view text, std::size_t open) {
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

void append_message_line(std::string& out, std::string_view id, std::int64_t ts_ms,
                         std::string_view message, std::string_view data) {
  out += '{';
  if (!id.empty()) {
    out += R"("id":)";
    append_json_string(out, id);
    out += ',';
  }
  out += R"("ts":)";
  append_number(out, ts_ms);
  out += R"(,"message":)";
  append_json_string(out, message);
  if (!data.empty()) {
    out += R"(,"data":)";
    const std::size_t begin = out.size();
    out += data;
    const auto first = out.begin() + static_cast<std::ptrdiff_t>(begin);
    std::transform(first, out.end(), first, on_one_line);
  }
  out += '}';
}

void append_chat(std::string& out, std::uint64_t seq, std::string_view line) {
  CHECK(line.size() > 2);
  std::array<char, kChatPrefixBytesMax> prefix;  // NOLINT: written before it is read
  out.append(prefix.data(), write_chat_prefix(prefix.data(), seq));
  out += line.substr(1);
}

std::optional<std::int64_t> line_timestamp(std::string_view line) {
  constexpr std::string_view kId = R"({"id":")";
  constexpr std::string_view kTs = R"("ts":)";
  std::size_t at = 1;  // behind the brace
  if (line.substr(0, kId.size()) == kId) {
    at = end_of_string(line, kId.size() - 1);
    if (at >= line.size() || line[at] != ',') return std::nullopt;
    ++at;
  }
  if (at >= line.size() || line.substr(at, kTs.size()) != kTs) return std::nullopt;
  std::int64_t ts = 0;
  const char* const end = line.data() + line.size();
  const auto [rest, problem] = std::from_chars(line.data() + at + kTs.size(), end, ts);
  if (problem != std::errc{} || rest == end || (*rest != ',' && *rest != '}')) return std::nullopt;
  return ts;
}

}  // namespace spillway::protocol
