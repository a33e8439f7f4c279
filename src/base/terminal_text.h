// Text of strangers on our terminal.
#pragma once

#include <string>
#include <string_view>

namespace spillway {

// One line that cannot move the cursor, ring, recolour, or run from right to left over its
// neighbours: line breaks and tabs become spaces; control characters (C0, DEL, C1), the
// bidirectional controls and what is not UTF-8 become U+FFFD.
std::string harmless(std::string_view text);

}  // namespace spillway
