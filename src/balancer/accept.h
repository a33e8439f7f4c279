// What a client would rather have, as the Accept headers of RFC 9110 section 12.5 say it.
#pragma once

#include <string_view>

namespace spillway::balancer {

enum class Coding { kIdentity, kGzip, kBrotli };

// The coding to answer in, of the three: the one with the highest quality, of equals the smaller
// result. An empty header says nothing about codings: identity. So does one that refuses all.
Coding choose_coding(std::string_view accept_encoding);

// Whether HTML is wanted more than JSON, as browsers say when an address is opened; `*/*` and
// nothing are for programs, which get JSON.
bool prefers_html(std::string_view accept);

}  // namespace spillway::balancer
