#include <utility>

#include "actors/config/quantities.hpp"
#include "actors/config/sections.hpp"

namespace fulmar::config {
namespace {

using Period = std::pair<std::string, std::string>;

constexpr RealRange kLatitudes{-90, 90};
constexpr RealRange kLongitudes{-360, 720};  // producers count to 180, to 360, or on beyond it
constexpr std::uint64_t kCacheBytesMax = std::uint64_t{1} << 46;

std::string period_text(const Period& period) {
  return "[" + quoted(period.first) + ", " + quoted(period.second) + "]";
}

/// Months as text compare as months do.
bool overlap(const Period& a, const Period& b) {
  return a.first <= b.second && b.first <= a.second;
}

void read_period(SectionReader& reader, std::string_view key, Period& out) {
  Period period;
  if (!reader.read_text_pair(key, period)) return;
  if (!is_month(period.first) || !is_month(period.second)) {
    return reader.refuse(
        key, "= " + period_text(period) + " is impossible; both are months, YYYY-MM: [\"1982-01\", \"1988-12\"]");
  }
  if (period.second < period.first) {
    return reader.refuse(key, "= " + period_text(period) + " ends before it begins; write the earlier month first");
  }
  out = period;
}

/// A sample in two splits would make the scores look better than they are.
void check_overlap(SectionReader& reader, std::string_view key, const Period& period, std::string_view other_key,
                   const Period& other) {
  if (period.first.empty() || other.first.empty() || !overlap(period, other)) return;
  reader.refuse(key, "= " + period_text(period) + " overlaps data." + std::string(other_key) + " = " +
                         period_text(other) + "; no month may be in two splits");
}

void read_cache(SectionReader& reader, std::size_t& cache_bytes) {
  std::string text;
  reader.read_text("cache", text);
  if (text.empty()) return;
  const auto size = parse_size(text);
  if (size && *size >= 1 && *size <= kCacheBytesMax) {
    cache_bytes = *size;
  } else {
    reader.refuse("cache", "= " + quoted(text) +
                               " is impossible; a size is a whole number of B, kB, MB, GB, KiB, MiB or GiB"
                               " without a space, at least 1B and at most 64TiB: \"512MB\"");
  }
}

data::StaticFieldSpec read_static(const Value& element, const Source& source) {
  data::StaticFieldSpec field;
  SectionReader reader(element, "data.static", source.file, source.problems);
  reader.require("path", "\"relief.nc\"");
  reader.require("variable", "\"ROSE\"");
  reader.read_text("path", field.path);
  reader.read_text("variable", field.variable);
  reader.read_texts("derive", field.derive);
  for (const std::string& derived : field.derive) {
    if (derived == "land" || derived == "height") continue;
    reader.refuse("derive",
                  "holds " + quoted(derived) + "; it is a list of land, height, or empty for the field itself");
  }
  reader.finish();
  return field;
}

}  // namespace

void read_data(const Source& source, data::DataSpec& data) {
  SectionReader reader = source.section("data");
  reader.refuse_for_now({"level"});
  reader.require("path", "\"winds.nc\", a list of files, or a pattern such as \"winds_*.nc\"");
  reader.require("targets", "[\"UWND\", \"VWND\"]");
  reader.require("train", "[\"1982-01\", \"1988-12\"]");
  reader.require("test", "[\"1991-01\", \"1992-12\"]");
  reader.read_word("kind", data.kind, {"netcdf"}, {"lorenz96"});
  reader.read_text_or_texts("path", data.paths);
  reader.read_texts("targets", data.targets);
  reader.read_texts("inputs", data.inputs);
  reader.read_real_pair("latitude", data.latitude, kLatitudes);
  reader.read_real_pair("longitude", data.longitude, kLongitudes);
  read_period(reader, "train", data.train);
  read_period(reader, "validation", data.validation);
  read_period(reader, "test", data.test);
  check_overlap(reader, "validation", data.validation, "train", data.train);
  check_overlap(reader, "test", data.test, "train", data.train);
  check_overlap(reader, "test", data.test, "validation", data.validation);
  read_cache(reader, data.cache_bytes);
  for (const Value* element : reader.read_tables("static")) data.statics.push_back(read_static(*element, source));
  reader.finish();

  if (data.inputs.empty()) data.inputs = data.targets;
  if (data.latitude && data.latitude->first > data.latitude->second) {
    std::swap(data.latitude->first, data.latitude->second);
  }
}

void read_task(const Source& source, data::TaskSpec& task) {
  SectionReader reader = source.section("task");
  reader.refuse_for_now({"lags", "leads"});
  reader.require("kind", "\"downscale\"");
  reader.require("factor", "4");
  reader.read_word("kind", task.kind, {"downscale"}, {"forecast"});
  reader.read_whole("factor", task.factor, 2, 64);
  reader.read_word("anomalies", task.anomalies, {"none", "month"}, {"dayofyear"});
  reader.read_word("residual", task.residual, {"climatology+bilinear", "none"}, {});
  reader.finish();
}

}  // namespace fulmar::config
