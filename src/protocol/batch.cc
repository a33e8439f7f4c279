#include "protocol/batch.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "protocol/json_writer.h"
#include "protocol/position.h"
#include "protocol/text.h"

namespace spillway::protocol {
namespace {

constexpr std::string_view kVersion = "v1";
constexpr std::size_t kHeaderBytesMax = 256;

// Takes the text up to `end` off the front of `rest`; nothing where there is no `end`.
std::optional<std::string_view> take(std::string_view& rest, char end) {
  const std::size_t at = rest.substr(0, kHeaderBytesMax).find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view field = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return field;
}

// Decimal digits as append_number() writes them, so that each batch has one form only.
template <typename Number>
bool read_number(std::optional<std::string_view> field, Number max, Number& number) {
  if (!field || field->empty() || (field->front() == '0' && field->size() > 1)) return false;
  const char* const end = field->data() + field->size();
  const auto [rest, problem] = std::from_chars(field->data(), end, number);
  return problem == std::errc{} && rest == end && number <= max;
}

bool is_version(std::string_view field) {
  if (field.size() < 2 || field.size() > 10 || field[0] != 'v') return false;
  field.remove_prefix(1);
  return std::all_of(field.begin(), field.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool read_header(std::string_view& rest, BatchHeader& header) {
  const auto epoch = take(rest, ' ');
  if (!epoch || !is_epoch(*epoch)) return false;
  if (!read_number(take(rest, ' '), kSeqMax, header.first_seq) || header.first_seq == 0) {
    return false;
  }
  if (!read_number(take(rest, ' '), kBatchCountMax, header.count) || header.count == 0) {
    return false;
  }
  const auto server = take(rest, ' ');
  if (!server || !is_epoch(*server)) return false;
  constexpr auto kNumberMax = std::numeric_limits<std::uint64_t>::max();
  if (!read_number(take(rest, '\n'), kNumberMax, header.number)) return false;
  header.epoch = *epoch;
  header.server = *server;
  return header.first_seq + header.count - 1 <= kSeqMax;
}

bool is_line(std::string_view line) {
  return line.size() > 2 && line.substr(0, 2) == R"({")" && line.back() == '}';
}

bool are_lines(std::string_view lines, std::uint32_t count) {
  const auto is_stray = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; };
  if (std::any_of(lines.begin(), lines.end(), is_stray) || !is_utf8(lines)) return false;
  std::size_t found = 0;
  bool well_formed = true;
  for_each_line(lines, [&](std::string_view line) {
    ++found;
    well_formed = well_formed && is_line(line);
  });
  return well_formed && found == count;
}

}  // namespace

std::variant<BatchView, BatchProblem> parse_batch(std::string_view bytes) {
  std::string_view rest = bytes;
  const auto version = take(rest, ' ');
  if (!version || !is_version(*version)) return BatchProblem::kMalformed;
  if (*version != kVersion) return BatchProblem::kUnknownVersion;
  BatchView batch;
  if (bytes.size() > kBatchBytesMax || !read_header(rest, batch.header)) {
    return BatchProblem::kMalformed;
  }
  if (!are_lines(rest, batch.header.count)) return BatchProblem::kMalformed;
  batch.lines = rest;
  return batch;
}

void append_batch_header(std::string& out, const BatchHeader& header) {
  out += kVersion;
  out += ' ';
  out += header.epoch;
  out += ' ';
  append_number(out, header.first_seq);
  out += ' ';
  append_number(out, std::uint64_t{header.count});
  out += ' ';
  out += header.server;
  out += ' ';
  append_number(out, header.number);
  out += '\n';
}

}  // namespace spillway::protocol
