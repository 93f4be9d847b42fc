APPROVALS = ("Approve shared accounts", "Approve prod", "Approve the move")
