#include "protocol/provision_answer.h"

#include <gtest/gtest.h>

namespace spillway::protocol {
namespace {

TEST(ProvisionAnswer, IsAUrlOrTheBalancersSentence) {
  EXPECT_EQ(*parse_provision_answer(200, R"({"id":"x","url":"ws://127.0.0.1:8080"})"),
            "ws://127.0.0.1:8080");
  EXPECT_EQ(parse_provision_answer(404, R"({"error":"no servers"})").error().message, "no servers");
}

TEST(ProvisionAnswer, RefusesEverythingElse) {
  for (const char* body :
       {"", "[]", "{}", "x", R"({"url":1})", R"({"url":"http://a"})", R"({"error":"e"})"}) {
    EXPECT_EQ(parse_provision_answer(200, body).error().message,
              "its answer makes no sense (HTTP 200)")
        << body;
  }
  EXPECT_EQ(parse_provision_answer(502, R"({"url":"ws://a:1"})").error().message,
            "its answer makes no sense (HTTP 502)");
}

}  // namespace
}  // namespace spillway::protocol
