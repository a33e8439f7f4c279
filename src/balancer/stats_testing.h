// For tests: JSON by its meaning, whatever the order of its keys.
#pragma once

#include <fmt/format.h>
#include <simdjson.h>

#include <map>
#include <string>
#include <string_view>

namespace spillway::balancer {

// Without white space and with sorted keys. Numbers are read as doubles.
inline std::string canonical(simdjson::dom::element element) {
  if (element.is_object()) {
    std::map<std::string, std::string> members;
    for (const auto& [key, value] : simdjson::dom::object(element)) {
      members[std::string(key)] += canonical(value);  // a key that comes twice shows
    }
    std::string text;
    for (const auto& [key, value] : members) {
      text += fmt::format("{}{:?}:{}", text.empty() ? "" : ",", key, value);
    }
    return "{" + text + "}";
  }
  if (element.is_array()) {
    std::string text;
    for (const simdjson::dom::element value : simdjson::dom::array(element)) {
      if (!text.empty()) text += ',';
      text += canonical(value);
    }
    return "[" + text + "]";
  }
  double number = 0;
  if (element.get(number) == simdjson::SUCCESS) return fmt::format("{}", number);
  return simdjson::minify(element);
}

// "invalid: …" for what is no JSON.
inline std::string canonical(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(json).get(root) != simdjson::SUCCESS) return "invalid: " + std::string(json);
  return canonical(root);
}

}  // namespace spillway::balancer
