#include "load/load_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/check.h"

namespace spillway::load {
namespace {

// Something to compress as chat does; each message begins at another place of it.
constexpr std::string_view kChat =
    " what a save did you see that no way he is going to make it in time lol gg well played "
    "everyone hello from the back row can somebody clip this please first time here love the "
    "stream the sound is a bit low today anyone else here we go again that was so close I cannot "
    "believe it another one another one the chat is moving too fast to read hi mom next goal wins "
    "who is this song by good morning from the other side of the world one more round then bed";

template <typename Number>
bool take_hex(std::string_view& text, std::size_t digits, Number& number) {
  const char* const end = text.data() + digits;
  const auto [stop, error] = std::from_chars(text.data(), end, number, 16);
  text.remove_prefix(digits);
  return error == std::errc{} && stop == end;
}

}  // namespace

std::string write_load_text(const LoadText& text, std::size_t bytes) {
  CHECK(bytes >= kLoadTextBytesMin);
  std::string out = fmt::format("{:04x}{:04x}{:016x}{:08x}", text.author.run, text.author.process,
                                text.due.time_since_epoch().count(), text.number);
  std::size_t from = text.number * std::size_t{61} % kChat.size();
  while (out.size() < bytes) {
    out += kChat.substr(from, bytes - out.size());
    from = 0;
  }
  return out;
}

std::optional<LoadText> read_load_text(std::string_view text) {
  if (text.size() < kLoadTextBytesMin) return std::nullopt;
  LoadText read;
  Duration::rep due = 0;
  if (!take_hex(text, 4, read.author.run) || !take_hex(text, 4, read.author.process) ||
      !take_hex(text, 16, due) || !take_hex(text, 8, read.number)) {
    return std::nullopt;
  }
  read.due = TimePoint(Duration(due));
  return read;
}

}  // namespace spillway::load
