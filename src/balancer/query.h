// What stands behind the question mark of a URL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spillway::balancer {

// The first `name=value` of `query`, its value as sent; none if there is no such name. A name
// without an equals sign has an empty value.
std::optional<std::string_view> find_parameter(std::string_view query, std::string_view name);

// The value's bytes: `%41` is A, and `+` a space, as browsers' URLSearchParams write it. None if a
// percent sign is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view value);

}  // namespace spillway::balancer
