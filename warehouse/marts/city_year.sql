-- The indicators of governments, wide. Departments and townships are left out, and of a division's government
-- that is named in several ways in one year only one report counts.
WITH
source (position, column_name, indicator) AS (
    VALUES
        (1, 'requests_received', 'requests.new_requests'),
        (2, 'requests_carried_over', 'requests.carried_over'),
        (3, 'requests_processed', 'requests.total_processed'),
        (4, 'requests_granted', 'requests.granted'),
        (5, 'requests_partially_granted', 'requests.partially_granted'),
        (6, 'requests_denied', 'requests.denied'),
        (7, 'requests_not_held', 'requests.unavailable.not_held'),
        (8, 'reviews', 'reviews.administrative_review.total'),
        (9, 'lawsuits', 'litigation.total'),
        (10, 'cases_concluded', 'reviews.administrative_review.upheld'),
        (10, 'cases_concluded', 'reviews.administrative_review.corrected'),
        (10, 'cases_concluded', 'reviews.administrative_review.other'),
        (10, 'cases_concluded', 'litigation.upheld'),
        (10, 'cases_concluded', 'litigation.corrected'),
        (10, 'cases_concluded', 'litigation.other'),
        (11, 'cases_corrected', 'reviews.administrative_review.corrected'),
        (11, 'cases_corrected', 'litigation.corrected'),
        (12, 'fees_yuan', 'disclosures.fees.amount')
),
-- How each column is made in each form: from counterparts that count otherwise, or not at all.
made AS (
    SELECT f.form, position, column_name, bool_or(i.comparability = 'near') AS otherwise, bool_or(i.form IS NULL) AS absent
    FROM (SELECT DISTINCT form FROM reports) AS f
    CROSS JOIN source
    LEFT JOIN (SELECT DISTINCT indicator, form, comparability FROM indicators) AS i
        ON i.indicator = source.indicator AND i.form = f.form
    GROUP BY ALL
),
made_of_form AS (
    SELECT
        form,
        coalesce(list(column_name ORDER BY position) FILTER (otherwise AND NOT absent), []) AS counted_otherwise,
        coalesce(list(column_name ORDER BY position) FILTER (absent), []) AS not_in_form
    FROM made
    GROUP BY form
),
government AS (
    SELECT
        *,
        CASE WHEN regexp_matches(publisher, '政府|公署|行署') THEN 'government' ELSE 'functional_area' END AS kind
    FROM reports
    WHERE level IN ('province', 'prefecture', 'county')
),
chosen AS (
    SELECT *, count(*) OVER same - 1 AS other_reports
    FROM government
    WINDOW same AS (PARTITION BY region_code, year, kind, CASE kind WHEN 'functional_area' THEN publisher END)
    QUALIFY row_number() OVER (
        PARTITION BY region_code, year, kind, CASE kind WHEN 'functional_area' THEN publisher END
        ORDER BY publisher = region || '人民政府' DESC, report_id
    ) = 1
),
-- A column is known where each of the indicators it is the sum of is.
columns_of_report AS (
    SELECT
        t.report_id,
        column_name,
        bool_or(t.flagged) AS flagged,
        bool_or(t.is_corrected) AS is_corrected,
        CASE WHEN count(t.value) = any_value(parts) THEN sum(t.value) END AS value
    FROM (SELECT *, count(*) OVER (PARTITION BY column_name) AS parts FROM source) AS s
    JOIN time_series AS t USING (indicator)
    GROUP BY ALL
),
wide AS (
    SELECT
        report_id,
        bool_or(flagged) AS flagged,
        bool_or(is_corrected) AS is_corrected,
        TRY_CAST(max(value) FILTER (column_name = 'requests_received') AS BIGINT) AS requests_received,
        TRY_CAST(max(value) FILTER (column_name = 'requests_carried_over') AS BIGINT) AS requests_carried_over,
        TRY_CAST(max(value) FILTER (column_name = 'requests_processed') AS BIGINT) AS requests_processed,
        TRY_CAST(max(value) FILTER (column_name = 'requests_granted') AS BIGINT) AS requests_granted,
        TRY_CAST(max(value) FILTER (column_name = 'requests_partially_granted') AS BIGINT)
            AS requests_partially_granted,
        TRY_CAST(max(value) FILTER (column_name = 'requests_denied') AS BIGINT) AS requests_denied,
        TRY_CAST(max(value) FILTER (column_name = 'requests_not_held') AS BIGINT) AS requests_not_held,
        TRY_CAST(max(value) FILTER (column_name = 'reviews') AS BIGINT) AS reviews,
        TRY_CAST(max(value) FILTER (column_name = 'lawsuits') AS BIGINT) AS lawsuits,
        TRY_CAST(max(value) FILTER (column_name = 'cases_concluded') AS BIGINT) AS cases_concluded,
        TRY_CAST(max(value) FILTER (column_name = 'cases_corrected') AS BIGINT) AS cases_corrected,
        TRY_CAST(max(value) FILTER (column_name = 'fees_yuan') AS DECIMAL(20, 6)) AS fees_yuan
    FROM columns_of_report
    GROUP BY report_id
),
-- Only of a division's own government: a functional area has a division's code, but not its residents.
resident AS (
    SELECT c.report_id, p.population, p.year AS population_year
    FROM chosen AS c
    JOIN regions AS d ON d.adcode = c.region_code AND d.level = c.level
    JOIN population AS p ON p.region_code = c.region_code AND abs(p.year - c.year) <= 5
    WHERE c.kind = 'government'
    QUALIFY row_number() OVER (PARTITION BY c.report_id ORDER BY abs(p.year - c.year), p.year) = 1
)
SELECT
    c.region_code, c.publisher, c.year, c.region, c.level, c.kind, c.city, c.city_code, c.report_id, c.form,
    c.other_reports, m.counted_otherwise, m.not_in_form,
    coalesce(w.flagged, false) AS flagged,
    coalesce(w.is_corrected, false) AS is_corrected,
    population, population_year,
    requests_received,
    requests_received * 100000 / population AS requests_per_100k,
    requests_carried_over,
    requests_processed,
    requests_granted,
    requests_granted / nullif(requests_processed, 0) AS granted_share,
    requests_partially_granted,
    requests_partially_granted / nullif(requests_processed, 0) AS partially_granted_share,
    requests_denied,
    requests_denied / nullif(requests_processed, 0) AS denied_share,
    requests_not_held,
    requests_not_held / nullif(requests_processed, 0) AS not_held_share,
    reviews,
    reviews / nullif(requests_processed, 0) AS review_rate,
    lawsuits,
    lawsuits / nullif(requests_processed, 0) AS litigation_rate,
    cases_concluded,
    cases_corrected,
    cases_corrected / nullif(cases_concluded, 0) AS correction_rate,
    fees_yuan
FROM chosen AS c
JOIN made_of_form AS m USING (form)
LEFT JOIN wide AS w USING (report_id)
LEFT JOIN resident USING (report_id)
