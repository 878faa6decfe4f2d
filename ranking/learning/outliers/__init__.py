"""What is learned about outliers: how far each oddity can be trusted, and where to cut.

`looks` sees judged pages with all their candidates as before anybody judged them, `detect` learns
the chance of being wrong from them, `risk` what each cut would come to, and `injection` measures
all of it with products put where they do not belong.
"""
