// A series of points over the versions of a run that stays small however long the run becomes: when it is full, every
// second point goes, and from then on points are taken half as often.
//
// Points are picked, not averaged: each is one that was. Thread rule: one thread at a time.
//
// HISTORY-1: there are never more than kPointsMax points.
// HISTORY-2: the first and the newest version that were added are there.
// HISTORY-3: of each stretch of stride() versions there is one point, the first that was added, beside the newest.
// HISTORY-4: versions rise from point to point.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fulmar::monitoring {

/// `Point` has a member `version`.
template <class Point>
class DecimatedHistory {
 public:
  static constexpr std::size_t kPointsMax = 600;

  /// Where a run goes back, because an earlier head had been further, what is no longer so is forgotten.
  void add(Point point) {
    while (!points_.empty() && points_.back().version >= point.version) points_.pop_back();
    // The newest point may be there only because it is the newest.
    if (points_.size() >= 2 && stretch(points_.back()) == stretch(points_[points_.size() - 2])) points_.pop_back();
    points_.push_back(std::move(point));
    while (points_.size() > kPointsMax) halve();
  }

  const std::vector<Point>& points() const { return points_; }
  std::uint64_t stride() const { return stride_; }

 private:
  std::uint64_t stretch(const Point& point) const { return point.version / stride_; }

  void halve() {
    stride_ *= 2;
    const Point newest = points_.back();
    points_.erase(std::unique(points_.begin(), points_.end(),
                              [this](const Point& a, const Point& b) { return stretch(a) == stretch(b); }),
                  points_.end());
    if (points_.back().version != newest.version) points_.push_back(newest);
  }

  std::vector<Point> points_;
  std::uint64_t stride_ = 1;
};

}  // namespace fulmar::monitoring
