#include "protocol/line_checker.h"

#include "protocol/json_reader.h"
#include "protocol/position.h"

namespace spillway::protocol {

LineChecker::LineChecker() : reader_(std::make_unique<JsonReader>(kBatchBytesMax)) {}
LineChecker::~LineChecker() = default;

bool LineChecker::are_messages(const BatchView& batch) {
  bool good = true;
  for_each_line(batch.lines, [&](std::string_view line) { good = good && is_message(line); });
  return good;
}

bool LineChecker::is_message(std::string_view line) {
  const auto root = reader_->parse(line);
  const auto members = root ? object_of(*root) : std::nullopt;
  if (!members) return false;
  bool has_message = false;
  bool has_time = false;
  for (const auto member : *members) {
    if (member.key == "message") {
      if (has_message || !string_of(member.value)) return false;
      has_message = true;
    } else if (member.key == "ts") {
      if (has_time || !unsigned_of(member.value, kSeqMax)) return false;
      has_time = true;
    } else if (member.key == "id") {
      if (!string_of(member.value)) return false;
    } else if (member.key == "data") {
      if (!object_of(member.value)) return false;
    } else if (member.key == "type" || member.key == "seq") {
      return false;
    }
  }
  return has_message && has_time;
}

}  // namespace spillway::protocol
