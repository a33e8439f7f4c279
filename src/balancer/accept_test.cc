#include "balancer/accept.h"

#include <gtest/gtest.h>

namespace spillway::balancer {
namespace {

TEST(Accept, TheCodingWithTheHighestQualityIsChosen) {
  const struct {
    const char* header;
    Coding coding;
  } cases[] = {
      {"gzip, deflate, br, zstd", Coding::kBrotli},
      {"gzip, deflate", Coding::kGzip},
      {"br", Coding::kBrotli},
      {"BR;Q=0.5", Coding::kBrotli},
      {"gzip;q=1.0, br;q=0.9", Coding::kGzip},
      {"br;q=0.9,gzip;q=0.899", Coding::kBrotli},
      {"gzip;q=0.5, identity;q=0.8", Coding::kIdentity},
      {"gzip;q=0.5, identity;q=0.5", Coding::kGzip},
      {"*", Coding::kBrotli},
      {"br;q=0, *", Coding::kGzip},
      {"*;q=0.1, gzip;q=0.2", Coding::kGzip},
      {" gzip ; q = 0.3 ,\tidentity;q=0.2", Coding::kGzip},
      {"gzip;x=y;q=0", Coding::kIdentity},
      {",,gzip,,", Coding::kGzip},
      {"gzip;", Coding::kGzip},
  };
  for (const auto& [header, coding] : cases) EXPECT_EQ(choose_coding(header), coding) << header;
}

TEST(Accept, WhatIsNotAcceptedIsNotSent) {
  for (const char* const header : {"",
                                   " ",
                                   "identity",
                                   "deflate, zstd",
                                   "gzip;q=0",
                                   "br;q=0.0, gzip;q=0.000",
                                   "*;q=0",
                                   "identity;q=0",
                                   "xgzip, brx",
                                   "gzip;q=",
                                   "gzip;q=2",
                                   "gzip;q=1.1",
                                   "gzip;q=0.1234",
                                   "gzip;q=.5",
                                   "gzip;q=-1",
                                   "gzip;q=0x1",
                                   "gzip;q=1e3",
                                   "gzip;q=\"1\"",
                                   ";q=1",
                                   "gzip q=1"}) {
    EXPECT_EQ(choose_coding(header), Coding::kIdentity) << header;
  }
}

TEST(Accept, BrowsersGetHtmlAndProgramsJson) {
  const struct {
    const char* header;
    bool html;
  } cases[] = {
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
      {"text/html", true},
      {"TEXT/HTML", true},
      {"text/*", true},
      {"application/json;q=0.9, text/html", true},
      {"application/*;q=0.1, text/html;q=0.2", true},
      {"*/*;q=0.8, application/json;q=0.5", true},
      {"", false},
      {"*/*", false},
      {"application/json", false},
      {"application/json, text/html", false},
      {"application/json, text/html;q=0.9", false},
      {"text/html;q=0, */*", false},
      {"text/plain", false},
      {"text/htmlx", false},
  };
  for (const auto& [header, html] : cases) EXPECT_EQ(prefers_html(header), html) << header;
}

}  // namespace
}  // namespace spillway::balancer
