#include "protocol/json_writer.h"

#include <array>
#include <charconv>

namespace spillway::protocol {
namespace {

// What follows the backslash for each byte: 0 where the byte stands for itself, `u` where it takes
// the long form.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  for (std::size_t control = 0; control < 0x20; ++control) escapes[control] = 'u';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  return escapes;
}
constexpr std::array<char, 256> kEscapes = make_escapes();

template <typename Number>
void append_decimal(std::string& out, Number number) {
  std::array<char, 20> digits;  // NOLINT: written before it is read
  const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  std::size_t run = 0;  // begin of the bytes that stand for themselves
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const char escape = kEscapes[byte];
    if (escape == 0) continue;
    out.append(text, run, at - run);
    run = at + 1;
    out += '\\';
    out += escape;
    if (escape != 'u') continue;
    out += "00";
    out += kHex[byte >> 4U];
    out += kHex[byte & 0xfU];
  }
  out.append(text, run);
  out += '"';
}

void append_number(std::string& out, std::uint64_t number) { append_decimal(out, number); }
void append_number(std::string& out, std::int64_t number) { append_decimal(out, number); }

}  // namespace spillway::protocol
