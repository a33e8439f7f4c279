// Reads the golden messages of docs/protocol for the tests beside this file.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::protocol {

using simdjson::dom::element;

inline std::optional<std::string> text_at(element entry, std::string_view key) {
  std::string_view text;
  if (entry[key].get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

inline std::optional<std::uint64_t> number_at(element entry, std::string_view key) {
  std::uint64_t number = 0;
  if (entry[key].get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

inline std::optional<bool> bool_at(element entry, std::string_view key) {
  bool value = false;
  if (entry[key].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

inline bool is_written(element entry) { return bool_at(entry, "written").value_or(false); }

// The message's text: `text` as it is, or `json` without white space.
inline std::string message_text(element entry) {
  if (const auto text = text_at(entry, "text")) return *text;
  return simdjson::minify(entry["json"].value());
}

// One golden file. The elements live as long as it does. A file that cannot be read fails the
// test that asks for it.
class Golden {
 public:
  explicit Golden(const std::string& name) {
    const std::string path = std::string(SPILLWAY_GOLDEN_DIR) + "/" + name;
    const auto problem = parser_.load(path).get(root_);
    EXPECT_EQ(problem, simdjson::SUCCESS) << path;
  }

  // Calls fn(entry) for each, under a trace with its name.
  template <typename Fn>
  void for_each(Fn&& fn) const {
    simdjson::dom::array messages;
    ASSERT_EQ(root_["messages"].get(messages), simdjson::SUCCESS);
    ASSERT_GT(messages.size(), 0U);
    for (const element entry : messages) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, text_at(entry, "name").value());
      fn(entry);
    }
  }

 private:
  simdjson::dom::parser parser_;
  element root_;
};

}  // namespace spillway::protocol
