#include "data/splits.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fulmar::data {
namespace {

constexpr std::array kSplits{Split::train, Split::validation, Split::test};

/// A month on one axis: 12 · year + month − 1.
using MonthNumber = int;

MonthNumber month_number(const Date& date) {
  return 12 * date.year + date.month - 1;
}

std::string month_text(const Date& date) {
  return to_string(date).substr(0, 7);
}

std::optional<MonthNumber> parse_month(std::string_view text) {
  const bool shaped = text.size() == 7 && text[4] == '-';
  if (!shaped) return std::nullopt;
  Date date{0, 0, 1};
  for (const std::size_t i : {0u, 1u, 2u, 3u, 5u, 6u}) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    int& part = i < 4 ? date.year : date.month;
    part = part * 10 + (text[i] - '0');
  }
  if (date.month < 1 || date.month > 12) return std::nullopt;
  return month_number(date);
}

struct Period {
  MonthNumber first = 1, last = 0;  // empty
  bool contains(MonthNumber month) const { return first <= month && month <= last; }
};

std::string key_text(Split split, const std::pair<std::string, std::string>& months) {
  return std::string("[data] ") + name(split) + " = [\"" + months.first + "\", \"" + months.second + "\"]";
}

Result<Period> parse_period(Split split, const std::pair<std::string, std::string>& months) {
  if (months.first.empty() && months.second.empty()) {
    if (split != Split::train) return Period{};
    return Error{"[data] train is missing; give the first and last month, as [\"1982-01\", \"1988-12\"]"};
  }
  for (const std::string& month : {months.first, months.second})
    if (!parse_month(month))
      return Error{key_text(split, months) + ": \"" + month + "\" is not a month; write it as \"YYYY-MM\""};
  const Period period{*parse_month(months.first), *parse_month(months.second)};
  if (period.last < period.first)
    return Error{key_text(split, months) + " ends before it begins; give the earlier month first"};
  return period;
}

}  // namespace

const char* name(Split split) {
  switch (split) {
    case Split::train:
      return "train";
    case Split::validation:
      return "validation";
    case Split::test:
      return "test";
  }
  FULMAR_ASSERT(false, "unknown split");
}

std::optional<Split> parse_split(std::string_view text) {
  for (const Split split : {Split::train, Split::validation, Split::test})
    if (text == name(split)) return split;
  return std::nullopt;
}

Result<Splits> Splits::assign(const DataSpec& spec, const std::vector<Date>& dates) {
  FULMAR_ASSERT(!dates.empty(), "a data set without times");
  const std::array months{spec.train, spec.validation, spec.test};
  std::array<Period, 3> periods;
  for (std::size_t i = 0; i < kSplits.size(); ++i) {
    auto period = parse_period(kSplits[i], months[i]);
    if (!period) return period.error();
    periods[i] = *period;
    for (std::size_t j = 0; j < i; ++j)
      if (periods[j].contains(period->first) || period->contains(periods[j].first))
        if (period->first <= period->last && periods[j].first <= periods[j].last)
          return Error{key_text(kSplits[i], months[i]) + " overlaps " + key_text(kSplits[j], months[j]) +
                       "; give periods that share no month, or the scores would know the answers"};
  }
  Splits splits;
  for (std::size_t time = 0; time < dates.size(); ++time)
    for (std::size_t i = 0; i < kSplits.size(); ++i)
      if (periods[i].contains(month_number(dates[time]))) splits.times_[i].push_back(time);
  for (std::size_t i = 0; i < kSplits.size(); ++i)
    if (splits.times_[i].empty() && !months[i].first.empty())
      return Error{key_text(kSplits[i], months[i]) + " holds no sample: the data covers " + month_text(dates.front()) +
                   " to " + month_text(dates.back()) + "; give months inside that"};
  return splits;
}

}  // namespace fulmar::data
