-- Every indicator of every report: the sum of the figures that it is made of in the report's form.
WITH
figure AS (
    SELECT
        report_id, 'requests' AS fact_table, outcome AS row_code, applicant AS column_code,
        coalesce(corrected, value) AS value, NULL AS unit, corrected IS NOT NULL AS corrected, cell_id
    FROM requests
    UNION ALL
    SELECT
        report_id, 'reviews', proceeding, result,
        coalesce(corrected, value), NULL, corrected IS NOT NULL, cell_id
    FROM reviews
    UNION ALL
    SELECT
        report_id, 'disclosures', category, measure,
        coalesce(corrected, value), unit, corrected IS NOT NULL, cell_id
    FROM disclosures
    UNION ALL
    SELECT
        report_id, 'statistics', indicator, '',
        coalesce(corrected, value), unit, corrected IS NOT NULL, cell_id
    FROM statistics
    -- Of a line with several columns of figures none can be chosen; the text counts where there is no table.
    WINDOW line AS (PARTITION BY report_id, indicator)
    QUALIFY
        (origin = 'table' AND count(*) FILTER (origin = 'table') OVER line = 1)
        OR (origin = 'prose' AND count(*) OVER line = 1)
),
in_yuan AS (
    SELECT
        * EXCLUDE (value, unit),
        -- TRY_CAST: a number of more than 14 digits is no figure, and must not stop the others.
        TRY_CAST(
            TRY_CAST(value AS DECIMAL(28, 6))
            * CASE unit WHEN '万元' THEN 10000 WHEN '亿元' THEN 100000000 ELSE 1 END
            AS DECIMAL(20, 6)
        ) AS value
    FROM figure
),
suspect AS (
    SELECT DISTINCT unnest(cell_ids) AS cell_id
    FROM findings
    WHERE severity = 'error' AND NOT settled
),
needed AS (
    SELECT indicator, form, alternative, count(*) AS figures
    FROM indicators
    GROUP BY ALL
),
loaded AS (
    SELECT report_id, sha256, max(edition) AS edition
    FROM documents
    GROUP BY ALL
)
SELECT
    r.report_id,
    i.indicator,
    any_value(r.region_code) AS region_code,
    any_value(r.publisher) AS publisher,
    any_value(r.level) AS level,
    any_value(r.city) AS city,
    any_value(r.year) AS year,
    any_value(r.form) AS form,
    any_value(i.unit) AS unit,
    any_value(i.comparability) AS comparability,
    -- A blank among the parts leaves the sum unknown.
    CASE WHEN count(f.value) = count(*) THEN TRY_CAST(sum(f.value) AS DECIMAL(20, 6)) END AS value,
    bool_or(f.corrected) AS is_corrected,
    bool_or(suspect.cell_id IS NOT NULL) AS flagged,
    coalesce(any_value(loaded.edition), 1) > 1 AS revised
FROM in_yuan AS f
JOIN indicators AS i USING (fact_table, row_code, column_code)
JOIN reports AS r ON r.report_id = f.report_id AND r.form = i.form
JOIN needed ON needed.indicator = i.indicator AND needed.form = i.form AND needed.alternative = i.alternative
LEFT JOIN suspect ON suspect.cell_id = f.cell_id
LEFT JOIN loaded ON loaded.report_id = r.report_id AND loaded.sha256 = r.sha256
GROUP BY r.report_id, i.indicator, i.alternative
HAVING count(*) = any_value(needed.figures)
QUALIFY row_number() OVER (PARTITION BY r.report_id, i.indicator ORDER BY i.alternative) = 1
