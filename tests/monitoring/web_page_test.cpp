#include "monitoring/web_page.hpp"

#include <regex>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <openssl/evp.h>

namespace fulmar::monitoring {
namespace {

/// Each block between <tag ...> and </tag> that a browser would run or apply: those of data are not.
std::vector<std::string> blocks(const std::string& page, const std::string& tag) {
  const std::string open = "<" + tag;
  std::vector<std::string> found;
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at + 1)) {
    const std::size_t begin = page.find('>', at) + 1;
    const std::string attributes = page.substr(at + open.size(), begin - 1 - at - open.size());
    if (attributes.find("application/json") != std::string::npos) continue;
    BOOST_TEST(attributes.empty(), "<" << tag << attributes << "> is not of the build's making");
    found.push_back(page.substr(begin, page.find("</" + tag, begin) - begin));
  }
  return found;
}

/// Another way to base64 than the program's.
std::string sha256_base64(const std::string& text) {
  std::vector<unsigned char> digest(32);
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  digest.push_back(0);  // 33 bytes: 44 letters, of which the last stands for nothing
  std::string out;
  for (std::size_t i = 0; i < digest.size(); i += 3) {
    const unsigned bits = static_cast<unsigned>(digest[i] << 16 | digest[i + 1] << 8 | digest[i + 2]);
    for (int shift = 18; shift >= 0; shift -= 6) out += letters[bits >> shift & 63];
  }
  out.back() = '=';
  return out;
}

/// What a directive of a policy says, word for word.
std::string directive(const std::string& policy, const std::string& name) {
  const std::size_t at = policy.find(name + " ");
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, policy);
  const std::size_t begin = at + name.size() + 1;
  return policy.substr(begin, policy.find(';', begin) - begin);
}

void allows_its_blocks_and_no_others(const std::string& page, const std::string& policy) {
  for (const std::string tag : {"script", "style"}) {
    std::string expected;
    for (const std::string& block : blocks(page, tag)) {
      expected += (expected.empty() ? "'sha256-" : " 'sha256-") + sha256_base64(block) + "'";
    }
    BOOST_TEST(directive(policy, tag + "-src") == (expected.empty() ? "'none'" : expected));
  }
  BOOST_TEST(directive(policy, "default-src") == "'none'");
  BOOST_TEST(directive(policy, "img-src") == "data:");
  BOOST_TEST(directive(policy, "base-uri") == "'none'");
  BOOST_TEST(directive(policy, "form-action") == "'none'");
  BOOST_TEST(policy.find("unsafe") == std::string::npos);
}

/// Of a page that says it itself.
std::string policy_in(const std::string& page) {
  const std::string mark = "<meta http-equiv=\"Content-Security-Policy\" content=\"";
  const std::size_t at = page.find(mark);
  BOOST_REQUIRE(at != std::string::npos);
  return page.substr(at + mark.size(), page.find('"', at + mark.size()) - at - mark.size());
}

/// Every tag of the markup, without what scripts and styles hold.
std::vector<std::string> tags(const std::string& page) {
  std::vector<std::string> found;
  std::size_t at = 0;
  while ((at = page.find('<', at)) != std::string::npos) {
    found.push_back(page.substr(at, page.find('>', at) + 1 - at));
    at += found.back().size();
    for (const std::string block : {"script", "style"}) {
      if (found.back().starts_with("<" + block)) at = page.find("</" + block, at);
    }
  }
  return found;
}

/// What no page of ours has: a way to another host, a marker that was not filled in, a handler in an attribute.
void stands_alone(const std::string& page) {
  BOOST_TEST(page.starts_with("<!DOCTYPE html>"));
  for (const std::string mark : {"<!-- style:", "<!-- script:", "src=\"http", "href=\"http", "@import", "url(http"}) {
    BOOST_TEST(page.find(mark) == std::string::npos, mark);
  }
  const std::regex acting(" (on[a-z]+|style)=");
  for (const std::string& tag : tags(page)) BOOST_TEST(!std::regex_search(tag, acting), tag);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(web_page)

BOOST_AUTO_TEST_CASE(base64_is_as_published) {
  // "" and "abc": FIPS 180-4's examples, in base64.
  BOOST_TEST(sha256_base64("") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  BOOST_TEST(sha256_base64("abc") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

// PAGE-1
BOOST_AUTO_TEST_CASE(the_status_page_may_run_what_is_in_it) {
  const std::string page(status_page());
  stands_alone(page);
  allows_its_blocks_and_no_others(page, status_page_policy());
  BOOST_TEST(directive(status_page_policy(), "connect-src") == "'self'");
  BOOST_TEST(directive(status_page_policy(), "frame-ancestors") == "'none'");
  BOOST_TEST(!blocks(page, "script").empty());
  BOOST_TEST(!blocks(page, "style").empty());
}

// PAGE-1
BOOST_AUTO_TEST_CASE(the_report_may_run_what_is_in_it) {
  const std::string page = report_page("{}");
  stands_alone(page);
  allows_its_blocks_and_no_others(page, policy_in(page));
  BOOST_TEST(directive(policy_in(page), "connect-src") == "'none'");
}

BOOST_AUTO_TEST_CASE(a_browser_knows_the_encoding_and_the_policy_before_anything_else) {
  const std::string page = report_page("{}");
  BOOST_TEST(page.find("<meta charset=\"utf-8\">") < 1024U);
  BOOST_TEST(page.find("Content-Security-Policy") < page.find("<script"));
}

// PAGE-1
BOOST_AUTO_TEST_CASE(data_cannot_end_their_block) {
  const std::string page = report_page(R"({"text":"</script><script>alert(1)</script><!--"})");
  const std::string mark = R"(id="report-data">)";
  const std::size_t begin = page.find(mark) + mark.size();
  const std::string data = page.substr(begin, page.find("</script>", begin) - begin);
  BOOST_TEST(data == R"({"text":"\u003c/script>\u003cscript>alert(1)\u003c/script>\u003c!--"})");
  allows_its_blocks_and_no_others(page, policy_in(page));
}

BOOST_AUTO_TEST_CASE(a_page_without_blocks_may_run_nothing) {
  BOOST_TEST(content_policy("<p>script</p>", "'none'") ==
             "default-src 'none'; script-src 'none'; style-src 'none'; connect-src 'none'; img-src data:; "
             "base-uri 'none'; form-action 'none'");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::monitoring
