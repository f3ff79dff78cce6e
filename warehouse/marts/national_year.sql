-- Sums over the loaded governments, each level and kind by itself.
SELECT
    year,
    level,
    kind,
    count(*) AS governments,
    count(*) FILTER (flagged) AS governments_flagged,
    TRY_CAST(sum(requests_received) AS BIGINT) AS requests_received,
    count(requests_received) AS requests_received_governments,
    TRY_CAST(sum(requests_processed) AS BIGINT) AS requests_processed,
    count(requests_processed) AS requests_processed_governments,
    TRY_CAST(sum(requests_granted) AS BIGINT) AS requests_granted,
    count(requests_granted) AS requests_granted_governments,
    sum(requests_granted) FILTER (requests_processed IS NOT NULL)
        / nullif(sum(requests_processed) FILTER (requests_granted IS NOT NULL), 0) AS granted_share,
    TRY_CAST(sum(requests_denied) AS BIGINT) AS requests_denied,
    count(requests_denied) AS requests_denied_governments,
    sum(requests_denied) FILTER (requests_processed IS NOT NULL)
        / nullif(sum(requests_processed) FILTER (requests_denied IS NOT NULL), 0) AS denied_share,
    TRY_CAST(sum(requests_not_held) AS BIGINT) AS requests_not_held,
    count(requests_not_held) AS requests_not_held_governments,
    TRY_CAST(sum(reviews) AS BIGINT) AS reviews,
    count(reviews) AS reviews_governments,
    TRY_CAST(sum(lawsuits) AS BIGINT) AS lawsuits,
    count(lawsuits) AS lawsuits_governments,
    TRY_CAST(sum(fees_yuan) AS DECIMAL(20, 6)) AS fees_yuan,
    count(fees_yuan) AS fees_governments
FROM city_year
GROUP BY year, level, kind
