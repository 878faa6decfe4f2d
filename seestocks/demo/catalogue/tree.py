"""The part of Google's tree that the shop uses, with Google's numbers, and the shop's own nodes.

A line is an id and a name; two spaces deeper means one level further down. Ids from 900000 up
are the shop's own categories below Google's.
"""

from __future__ import annotations

VERSION = "2021-09-21"

TREE = """\
1 Animals & Pet Supplies
  2 Pet Supplies
    4 Cat Supplies
      4433 Cat Beds
      3367 Cat Food
        543684 Non-prescription Cat Food
      5001 Cat Toys
      5002 Cat Treats
    5 Dog Supplies
      4434 Dog Beds
      3530 Dog Food
        543682 Non-prescription Dog Food
      5010 Dog Toys
      5011 Dog Treats
166 Apparel & Accessories
  1604 Clothing
    2271 Dresses
    5182 One-Pieces
      5250 Jumpsuits & Rompers
    203 Outerwear
      5598 Coats & Jackets
      3066 Rain Suits
      1831 Vests
    204 Pants
    207 Shorts
    1581 Skirts
      6229 Knee-Length Skirts
      6228 Long Skirts
      2331 Mini Skirts
    208 Sleepwear & Loungewear
      5713 Loungewear
      5513 Nightgowns
      2580 Pajamas
      2302 Robes
  167 Clothing Accessories
    168 Bandanas & Headties
      543586 Bandanas
    171 Hair Accessories
      1662 Headbands
    173 Hats
    7230 Neck Gaiters
    177 Scarves & Shawls
      543673 Scarves
      543674 Shawls
  6551 Handbags, Wallets & Cases
    3032 Handbags
    2668 Wallets & Money Clips
  188 Jewelry
    189 Anklets
    191 Bracelets
    194 Earrings
    196 Necklaces
    200 Rings
  187 Shoes
    900016 Ankle Boots
    900018 Ballet Flats
    900017 Hiking Boots
    900011 Loafers
    900012 Moccasins
    900015 Sandals
    900013 Slippers
    900014 Sneakers
412 Food, Beverages & Tobacco
  413 Beverages
    1868 Coffee
    8036 Fruit Flavored Drinks
    415 Hot Chocolate
    2887 Juice
    5724 Non-Dairy Milk
    2628 Soda
    2073 Tea & Infusions
  422 Food Items
    1876 Bakery
      2229 Cookies
      6195 Cupcakes
      5751 Donuts
      1895 Muffins
    427 Condiments & Sauces
      4947 Honey
      4614 Hot Sauce
      2018 Ketchup
      500074 Marinades & Grilling Sauces
      1568 Mayonnaise
      1387 Mustard
      5759 Pasta Sauce
      6203 Pizza Sauce
      1969 Salad Dressing
      4943 Syrup
    5740 Dips & Spreads
      6204 Apple Butter
      5742 Guacamole
      5741 Hummus
      2188 Jams & Jellies
      3965 Nut Butters
      1702 Salsa
      6784 Tapenade
    4608 Seasonings & Spices
      1529 Herbs & Spices
      6199 Pepper
      4611 Salt
      900001 Seasoning Mixes
    423 Snack Foods
      6192 Cheese Puffs
      2392 Chips
      1445 Crackers
      1534 Popcorn
      3446 Pretzels
      5745 Trail & Snack Mixes
436 Furniture
  443 Chairs
    6499 Arm Chairs, Recliners & Sleeper Chairs
    5886 Kitchen & Dining Room Chairs
    2002 Rocking Chairs
    1463 Table & Bar Stools
  458 Ottomans
  6392 Tables
    6369 Accent Tables
      1395 Coffee Tables
      1549 End Tables
      1602 Sofa Tables
    4355 Kitchen & Dining Room Tables
    462 Nightstands
632 Hardware
  2878 Hardware Accessories
    3974 Tool Storage & Organization
      2485 Tool & Equipment Belts
      6876 Tool Bags
      3980 Tool Boxes
      3280 Tool Cabinets & Chests
      3919 Work Benches
  1167 Tools
    1180 Cutters
      2411 Utility Knives
    338 Flashlights & Headlamps
      543689 Flashlights
      2454 Headlamps
    1186 Hammers
      2208 Manual Hammers
    1958 Pliers
    1235 Saws
      3594 Hand Saws
      3224 Handheld Circular Saws
      3725 Jigsaws
      3494 Reciprocating Saws
    1203 Screwdrivers
    5592 Work Lights
    1632 Wrenches
469 Health & Beauty
  2915 Personal Care
    473 Cosmetics
      474 Bath & Body
        2503 Bar Soap
        2747 Body Wash
        3208 Liquid Hand Soap
      477 Makeup
        2645 Lip Makeup
          6306 Lip & Cheek Stains
          2858 Lip Gloss
          2589 Lip Liner
          3021 Lipstick
      567 Skin Care
        482 Lip Balms & Treatments
          543573 Lip Balms
        2592 Lotion & Moisturizer
    486 Hair Care
      2441 Shampoo & Conditioner
        543616 Conditioners
        543615 Shampoo
536 Home & Garden
  696 Decor
    573 Baskets
    6457 Decorative Bowls
    500121 Home Fragrance Accessories
      2784 Candle Holders
    602 Vases
  638 Kitchen & Dining
    6070 Cookware & Bakeware
      640 Bakeware
        641 Baking & Cookie Sheets
        642 Bread Pans & Molds
        643 Cake Pans & Molds
        644 Muffin & Pastry Pans
        645 Pie & Quiche Pans
      654 Cookware
        657 Dutch Ovens
        661 Saucepans
        4423 Sauté Pans
        662 Skillets & Frying Pans
        663 Stock Pots
        659 Stovetop Kettles
        664 Woks
    2920 Food & Beverage Carriers
      3800 Thermoses
      3809 Water Bottles
    730 Kitchen Appliances
      736 Coffee Makers & Espresso Machines
        1388 Drip Coffee Makers
        1647 Electric & Stovetop Espresso Pots
        2422 Espresso Machines
        1557 French Presses
      751 Electric Kettles
    672 Tableware
      674 Drinkware
        6049 Coffee & Tea Cups
        2169 Mugs
        2951 Tumblers
  689 Lawn & Garden
    2962 Gardening
      3173 Gardening Tools
        4000 Cultivating Tools
        3071 Gardening Forks
        3644 Gardening Trowels
        6967 Pruning Saws
        3841 Pruning Shears
        3388 Rakes
        2147 Shovels & Spades
      721 Pots & Planters
  594 Lighting
    4636 Lamps
      900022 Desk Lamps
      900023 Floor Lamps
      900021 Table Lamps
    3006 Lighting Fixtures
      2524 Ceiling Light Fixtures
      2249 Chandeliers
      900024 Pendant Lights
      6073 Wall Light Fixtures
    505826 Night Lights & Ambient Lighting
  4171 Linens & Bedding
    569 Bedding
      1985 Blankets
      2541 Duvet Covers
      505287 Quilts & Comforters
    4077 Towels
      576 Bath Towels & Washcloths
      4126 Beach Towels
      4257 Kitchen Towels
5181 Luggage & Bags
  100 Backpacks
  101 Briefcases
  108 Cosmetic & Toiletry Bags
  103 Duffel Bags
  104 Fanny Packs
  110 Luggage Accessories
    5620 Packing Organizers
    5650 Travel Pouches
  106 Messenger Bags
  5608 Shopping Totes
  107 Suitcases
  6553 Train Cases
922 Office Supplies
  923 Filing & Organization
    4312 Binding Supplies
      4303 Binders
    927 Calendars, Organizers & Planners
    930 File Folders
    6884 Folders & Report Covers
      543663 Pocket Folders
    3062 Pen & Pencil Cases
  932 General Office Supplies
    956 Paper Products
      961 Notebooks & Notepads
      2689 Sticky Notes
  2986 Office Instruments
    977 Writing & Drawing Instruments
      979 Crayons
      980 Markers & Highlighters
      4752 Pastels
      6065 Pens & Pencils
988 Sporting Goods
  499713 Athletics
    1081 Basketball
      1083 Basketballs
    1110 Rugby
      3761 Rugby Balls
    1111 Soccer
      1112 Soccer Balls
    1115 Volleyball
      1116 Volleyballs
  990 Exercise & Fitness
    993 Exercise Balls
    999 Yoga & Pilates
      3640 Yoga & Pilates Mats
  1011 Outdoor Recreation
    1013 Camping & Hiking
      1014 Camp Furniture
        3695 Air Mattresses
      1019 Camping Lights & Lanterns
      1020 Sleeping Bags
      1021 Sleeping Pads
      1022 Tents
1239 Toys & Games
  1253 Toys
    1255 Dolls, Playsets & Toy Figures
      6058 Action & Toy Figures
      1257 Dolls
      1258 Puppets & Marionettes
      1259 Stuffed Animals
    2505 Play Vehicles
      3444 Toy Airplanes
      3551 Toy Cars
      5152 Toy Trains & Train Sets
      3296 Toy Trucks & Construction Vehicles
    2546 Remote Control Toys
      3601 Remote Control Cars & Trucks
"""


def paths(tree: str = TREE) -> dict[int, tuple[str, ...]]:
    """Return the names from the root down to each category, by id, in the tree's order."""
    found: dict[int, tuple[str, ...]] = {}
    above: list[str] = []
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        number, name = line.split(maxsplit=1)
        above = [*above[:depth], name]
        found[int(number)] = tuple(above)
    return found
