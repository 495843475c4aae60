"""The languages of the desk: what staff read, in English, French, Romanian and Russian."""
