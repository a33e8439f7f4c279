#include "balancer/web_pages.h"

#include <gtest/gtest.h>

#include <array>

#include "balancer/routes.h"

namespace spillway::balancer {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::array kFiles{
    WebFile{"/home", kHtml, "h1", "home", "home.gz", "home.br"},
    WebFile{"/chat", kHtml, "c1", "chat", "chat.gz", "chat.br"},
    WebFile{"/monitor", kHtml, "m1", "monitor", "monitor.gz", "monitor.br"},
    WebFile{"/plan", kHtml, "p1", "plan", "plan.gz", "plan.br"},
    WebFile{"/assets/a-1.js", "text/javascript", "a1", "script", "script.gz", "script.br"},
};
constexpr const char* kBrowser = "text/html,application/xhtml+xml,*/*;q=0.8";

Request request(const std::string& target, const std::string& accept = kBrowser) {
  Request request;
  request.method = http::verb::get;
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  request.query = target.substr(std::min(mark + 1, target.size()));
  request.accept = accept;
  return request;
}

std::optional<Response> ask(const Request& request) { return answer_page(request, {kFiles, ""}); }

// What is in the answer; empty: it is no page.
std::string body(const Request& request) {
  const auto response = ask(request);
  return response ? std::string(body_of(*response)) : "";
}

bool has_line(const Response& response, std::string_view line) {
  return ("\r\n" + response.headers).find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
}

TEST(WebPages, EachPageHasItsPath) {
  const struct {
    const char* target;
    const char* body;
  } cases[] = {{"/", "home"},
               {"/?utm=x", "home"},
               {"/chat/lobby", "chat"},
               {"/chat/lobby?x=y", "chat"},
               {"/chat/a%2Fb%20%C3%BC", "chat"},
               {"/chat/%00", "chat"},  // the page knows what a name is, and says so
               {"/chat/..", "chat"},
               {"/monitor", "monitor"},
               {"/plan", "plan"},
               {"/assets/a-1.js", "script"}};
  for (const auto& [target, expected] : cases) EXPECT_EQ(body(request(target)), expected) << target;
}

TEST(WebPages, OtherPathsAreTheApis) {
  for (const char* const target : {"/healthz",
                                   "/servers/provision",
                                   "/home",
                                   "/index.html",
                                   "/chat.html",
                                   "//",
                                   "/monitor/",
                                   "/MONITOR",
                                   "/chat/a/b",
                                   "/chat/lobby/",
                                   "/api",
                                   "/api/",
                                   "/api/plan",
                                   "/api/monitor",
                                   "/api/chat/lobby",
                                   "/assets",
                                   "/assets/",
                                   "/assets/a-2.js",
                                   "/assets/A-1.js",
                                   "/assets/../chat",
                                   "/assets/%61-1.js",
                                   "/assets//a-1.js",
                                   "/assets/a-1.js/",
                                   "/../etc/passwd",
                                   "/assets/../../etc/passwd",
                                   "/%2e%2e/etc/passwd"}) {
    EXPECT_FALSE(ask(request(target))) << target;
  }
}

TEST(WebPages, APlanIsAPageToBrowsersAndACallToPrograms) {
  for (const char* const accept : {"", "*/*", "application/json", "application/json, text/html"}) {
    EXPECT_FALSE(ask(request("/plan", accept))) << accept;
    EXPECT_EQ(body(request("/monitor", accept)), "monitor") << accept;
  }
  EXPECT_FALSE(ask(request("/plan?users=1&rooms=1&interval=1s")));
  const auto page = ask(request("/plan"));
  ASSERT_TRUE(page);
  EXPECT_TRUE(has_line(*page, "Vary: Accept-Encoding, Accept"));
}

TEST(WebPages, TheChatWithoutARoomLeadsHome) {
  const std::pair<const char*, const char*> cases[] = {{"/chat", "Location: ./"},
                                                       {"/chat/", "Location: ../"}};
  for (const auto& [target, location] : cases) {
    const auto response = ask(request(target));
    ASSERT_TRUE(response) << target;
    EXPECT_EQ(response->status, http::status::found);
    EXPECT_TRUE(has_line(*response, location)) << response->headers;
  }
}

TEST(WebPages, APageMayRunAndLoadOnlyWhatIsOurs) {
  const auto page = ask(request("/monitor"));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->content_type, kHtml);
  EXPECT_EQ(page->cache_control, "no-cache");
  EXPECT_TRUE(has_line(*page, "X-Content-Type-Options: nosniff"));
  EXPECT_TRUE(has_line(*page, "Referrer-Policy: no-referrer"));
  EXPECT_TRUE(has_line(
      *page,
      "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src "
      "'self' data:; font-src 'self'; connect-src 'self' ws: wss: http: https:; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'self'"))
      << page->headers;
}

TEST(WebPages, OnlyTheChatMayBeFramedByWhoIsNamed) {
  const WebOptions options{kFiles, "https://live.example"};
  const auto chat = answer_page(request("/chat/lobby"), options);
  const auto monitor = answer_page(request("/monitor"), options);
  ASSERT_TRUE(chat && monitor);
  EXPECT_NE(chat->headers.find("frame-ancestors 'self' https://live.example\r\n"),
            std::string::npos);
  EXPECT_NE(monitor->headers.find("frame-ancestors 'self'\r\n"), std::string::npos);
}

TEST(WebPages, FilesWithAHashInTheirNameAreKeptForEver) {
  const auto file = ask(request("/assets/a-1.js"));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->content_type, "text/javascript");
  EXPECT_EQ(file->cache_control, "public, max-age=31536000, immutable");
  EXPECT_TRUE(has_line(*file, "X-Content-Type-Options: nosniff"));
  EXPECT_TRUE(has_line(*file, "Vary: Accept-Encoding"));
  EXPECT_EQ(file->headers.find("Content-Security-Policy"), std::string::npos);
}

TEST(WebPages, ACodingIsAnswerAndTagOfItsOwn) {
  const struct {
    const char* accepted;
    const char* body;
    const char* tag;
    const char* coding;
  } cases[] = {{"gzip, br", "script.br", "ETag: \"a1-br\"", "Content-Encoding: br"},
               {"gzip", "script.gz", "ETag: \"a1-gzip\"", "Content-Encoding: gzip"},
               {"", "script", "ETag: \"a1\"", nullptr}};
  for (const auto& [accepted, expected, tag, coding] : cases) {
    Request asked = request("/assets/a-1.js");
    asked.accept_encoding = accepted;
    const auto response = ask(asked);
    ASSERT_TRUE(response);
    EXPECT_EQ(body_of(*response), expected);
    EXPECT_TRUE(has_line(*response, tag)) << response->headers;
    EXPECT_EQ(response->headers.find("Content-Encoding") != std::string::npos, coding != nullptr);
    if (coding != nullptr) {
      EXPECT_TRUE(has_line(*response, coding));
    }
  }
}

TEST(WebPages, WhoHasItAlreadyIsToldSo) {
  const struct {
    const char* if_none_match;
    bool known;
  } cases[] = {
      {"\"c1-br\"", true},   {"W/\"c1-br\"", true},  {"*", true},      {"\"x\", \"c1-br\"", true},
      {"\"c1\"", false},     {"\"c1-gzip\"", false}, {"c1-br", false}, {"", false},
      {"\"c1-br\"x", false}, {"\"\"", false}};
  for (const auto& [if_none_match, known] : cases) {
    Request asked = request("/chat/lobby");
    asked.accept_encoding = "br";
    asked.if_none_match = if_none_match;
    const auto response = ask(asked);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, known ? http::status::not_modified : http::status::ok)
        << if_none_match;
    EXPECT_EQ(body_of(*response), known ? "" : "chat.br");
    std::string head;
    append_head(head, *response, true);
    EXPECT_NE(head.find("\r\nETag: \"c1-br\"\r\n"), std::string::npos) << head;
    EXPECT_NE(head.find("\r\nCache-Control: no-cache\r\n"), std::string::npos);
    EXPECT_EQ(head.find("\r\nContent-Length: ") == std::string::npos, known);
    EXPECT_EQ(head.find("\r\nContent-Type: ") == std::string::npos, known);
  }
}

TEST(WebPages, OtherMethodsThanGetAndHeadAre405) {
  for (const char* const target : {"/", "/chat/lobby", "/monitor", "/plan", "/assets/a-1.js"}) {
    Request asked = request(target);
    asked.method = http::verb::head;
    EXPECT_EQ(ask(asked)->status, http::status::ok) << target;
    for (const http::verb method : {http::verb::post, http::verb::delete_, http::verb::unknown}) {
      asked.method = method;
      const auto response = ask(asked);
      ASSERT_TRUE(response) << target;
      EXPECT_EQ(response->status, http::status::method_not_allowed) << target;
      EXPECT_TRUE(has_line(*response, "Allow: GET, HEAD"));
    }
  }
}

TEST(WebPages, ABuildWithoutPagesSaysHowToBuildThem) {
  for (const char* const target : {"/", "/chat/lobby", "/monitor", "/plan"}) {
    const auto response = answer_page(request(target), {});
    ASSERT_TRUE(response) << target;
    EXPECT_EQ(response->status, http::status::not_found);
    EXPECT_EQ(response->content_type, kHtml);
    EXPECT_NE(body_of(*response).find("npm run build:web"), std::string::npos);
  }
  EXPECT_FALSE(answer_page(request("/plan", "*/*"), {}));
  EXPECT_FALSE(answer_page(request("/assets/a-1.js"), {}));
}

}  // namespace
}  // namespace spillway::balancer
