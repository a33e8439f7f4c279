// The web pages as the program holds them.
#pragma once

#include <span>
#include <string_view>

namespace spillway::balancer {

// One file that the pages are made of, compressed when it was built.
struct WebFile {
  std::string_view path;  // as it is asked for; a page: "/home", "/chat", "/monitor", "/plan"
  std::string_view content_type;
  std::string_view hash;  // of the content, in letters and digits
  std::string_view plain;
  std::string_view gzip;
  std::string_view brotli;
};

// All of them, or none: spillway was built before they were. They live as long as the program.
// What defines it is written by web/app/pack.mjs, or is no_web_files.cc.
std::span<const WebFile> web_files();

}  // namespace spillway::balancer
