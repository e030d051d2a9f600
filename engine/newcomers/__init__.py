"""What a customer acquired today is worth, of all and by where and when customers came, with and without a horizon."""
