// Whether what came over the bus may be shown to viewers.
#pragma once

#include <memory>
#include <string_view>

#include "protocol/batch.h"

namespace spillway::protocol {

class JsonReader;

// Owned by whoever listens on the bus, used by one thread; its memory grows to the longest line. A
// line goes to viewers as it stands, so one that is no JSON would break every client in the room.
class LineChecker {
 public:
  LineChecker();
  ~LineChecker();
  LineChecker(const LineChecker&) = delete;
  LineChecker& operator=(const LineChecker&) = delete;

  // Every line is one JSON object with a string `message`, a time `ts`, where they are there a
  // string `id` and an object `data`, and nothing that would stand twice once `type` and `seq` are
  // put before it. Fields that are not known are left to later releases.
  bool are_messages(const BatchView& batch);

 private:
  bool is_message(std::string_view line);

  std::unique_ptr<JsonReader> reader_;
};

}  // namespace spillway::protocol
