#include "monitoring/web_page.hpp"

#include <array>

#include <openssl/evp.h>

#include "monitoring/web_templates.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::monitoring {
namespace {

constexpr std::string_view kCharset = "<meta charset=\"utf-8\">";
constexpr std::string_view kReportData = "<script type=\"application/json\" id=\"report-data\">";

/// 'sha256-…', as a policy names a block.
std::string hash_of(std::string_view block) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned digest_bytes = 0;
  const int done = EVP_Digest(block.data(), block.size(), digest.data(), &digest_bytes, EVP_sha256(), nullptr);
  FULMAR_ASSERT(done == 1, "SHA-256 failed");
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest_bytes));
  return "'sha256-" + std::string(base64.begin(), base64.begin() + length) + "'";
}

/// The hashes of all blocks between <tag> and </tag>; 'none' where there are none.
std::string hashes(std::string_view page, const std::string& tag) {
  const std::string begin = "<" + tag + ">", end = "</" + tag + ">";
  std::string all;
  for (std::size_t at = page.find(begin); at != std::string_view::npos; at = page.find(begin, at)) {
    at += begin.size();
    const std::size_t length = page.find(end, at) - at;
    all += " " + hash_of(page.substr(at, length));
    at += length;
  }
  return all.empty() ? " 'none'" : all;
}

/// A "</script>" or "<!--" in the data would end their block, or hide what follows. In JSON, < is only in strings.
std::string harmless(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char letter : json) letter == '<' ? out.append("\\u003c") : out.append(1, letter);
  return out;
}

}  // namespace

std::string content_policy(std::string_view page, std::string_view connect) {
  std::string policy = "default-src 'none'";
  policy += "; script-src" + hashes(page, "script");
  policy += "; style-src" + hashes(page, "style");
  policy.append("; connect-src ").append(connect);
  return policy + "; img-src data:; base-uri 'none'; form-action 'none'";
}

std::string_view status_page() {
  return kStatusTemplate;
}

const std::string& status_page_policy() {
  // A header can say what a page cannot say of itself: who may put it into a frame.
  static const std::string policy = content_policy(kStatusTemplate, "'self'") + "; frame-ancestors 'none'";
  return policy;
}

std::string report_page(std::string_view data_json) {
  std::string page(kReportTemplate);
  const std::size_t data = page.find(kReportData);
  FULMAR_ASSERT(data != std::string::npos, "web/report.html has no place for its data");
  const std::size_t begin = data + kReportData.size();
  page.replace(begin, page.find("</script>", begin) - begin, harmless(data_json));

  const std::string policy = content_policy(kReportTemplate, "'none'");
  page.insert(page.find(kCharset) + kCharset.size(),
              "\n<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy + "\">");
  return page;
}

}  // namespace fulmar::monitoring
