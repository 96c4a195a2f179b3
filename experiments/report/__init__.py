"""Report: what an evaluator reads of a store, as a page, a document, a workbook or text."""
